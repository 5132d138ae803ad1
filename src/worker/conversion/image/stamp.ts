/**
 * The stamp identifies the source in a result's bytes. It ensures that results of different uploads never
 * have the same ETag (docs/adr/0003). It also shows where a result came from.
 */

/**
 * An XMP packet with `xmpMM:DerivedFrom`. https://developer.adobe.com/xmp/docs/XMPNamespaces/xmpMM
 * @param kept more descriptions
 */
export function xmpStamp(stamp: string, kept = ''): string {
  return [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"',
    ' xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#">',
    `<xmpMM:DerivedFrom stRef:versionID="${escapeXml(stamp)}"/>`,
    `</rdf:Description>${kept}</rdf:RDF></x:xmpmeta><?xpacket end="r"?>`,
  ].join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

const GIF_TRAILER = 0x3b;
const GIF_COMMENT = [0x21, 0xfe];
const GIF_BLOCK_BYTES = 255;

/**
 * Adds a comment with the stamp before the trailer of a GIF: libvips writes no XMP there.
 * https://www.w3.org/Graphics/GIF/spec-gif89a.txt, section 24
 */
export function stampGif(gif: Uint8Array, stamp: string): Uint8Array {
  if (gif.at(-1) !== GIF_TRAILER) throw new Error('expected a GIF that ends with its trailer');
  const text = Buffer.from(stamp);
  const blocks: Uint8Array[] = [];
  for (let begin = 0; begin < text.length; begin += GIF_BLOCK_BYTES) {
    const block = text.subarray(begin, begin + GIF_BLOCK_BYTES);
    blocks.push(Buffer.of(block.length), block);
  }
  return Buffer.concat([gif.subarray(0, -1), Buffer.from(GIF_COMMENT), ...blocks, Buffer.of(0, GIF_TRAILER)]);
}
