import type { Inspected } from '../inspect.ts';
import { bytesOf } from '../tiff/directory.ts';
import type { Described } from './described.ts';
import { readExif, tiffIn } from './exif.ts';
import { readIptc } from './iptc.ts';
import { readXmp } from './xmp.ts';

/** Fields of a TIFF. libvips returns them only from a TIFF whose pixels it can read, which camera RAW is not. */
const FIELD = { xmp: 700, iptc: 33_723 } as const;

/**
 * Returns what the metadata of a source says: each part from EXIF or, if that has none, from XMP, or else from IPTC. That
 * is the order of the Metadata Working Group (docs/adr/0039). When a photo was taken takes precedence over when it was
 * scanned, whichever says so.
 */
export function describedBy(source: Pick<Inspected, 'exif' | 'xmp' | 'iptc'>): Described {
  const tiff = source.exif && tiffIn(source.exif);
  const xmp = source.xmp ?? (tiff && bytesOf(tiff, FIELD.xmp));
  const iptc = source.iptc ?? (tiff && bytesOf(tiff, FIELD.iptc));
  const inOrder = [tiff && readExif(tiff), xmp && readXmp(xmp), iptc && readIptc(iptc)];
  const first = <Part extends keyof Described>(part: Part): Described[Part] => {
    for (const each of inOrder) if (each?.[part] !== undefined) return each[part];
    return undefined;
  };
  return {
    copyright: first('copyright'),
    creator: first('creator'),
    description: first('description'),
    date: first('date') ?? first('digitized'),
    position: first('position'),
  };
}
