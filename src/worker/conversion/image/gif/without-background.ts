import { dataFrom, readGif, type Gif, type GifFrame } from './frames.ts';
import { unusedColor } from './unused-color.ts';

/** Of `Disposal Method`: the frame's place becomes empty. */
const TO_BACKGROUND = 2;
/** Of `Disposal Method`: what was there before the frame is restored. */
const TO_PREVIOUS = 3;
const CONTROL_BYTES = 8;

/**
 * Returns a GIF whose empty places are transparent, as browsers show them. libvips paints the background color where a
 * frame was, and black where no frame is, unless the frame has a transparent color. So such a frame gets one that none
 * of its pixels has.
 */
export function withoutBackground(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gif = readGif(source);
  const kept = gif.frames.findIndex(({ control }) => control?.disposal !== TO_PREVIOUS);
  // Before any frame that is kept, what is restored is empty.
  const wrong = gif.frames.filter((frame, index) => isWrong(gif, frame, index, kept < 0 || index < kept));
  if (wrong.length === 0) return bytes;
  const parts: Buffer[] = [];
  let copied = 0;
  for (const frame of wrong) {
    const color = unusedColor(dataFrom(source, frame.pixelsAt + 1), source[frame.pixelsAt] ?? 0);
    if (color === undefined) continue;
    const { control, at } = frame;
    parts.push(source.subarray(copied, control?.at ?? at), withTransparent(source, control?.at, color));
    copied = at;
  }
  return Buffer.concat([...parts, source.subarray(copied)]);
}

function isWrong(gif: Gif, frame: GifFrame, index: number, restoresNothing: boolean): boolean {
  if (frame.control?.isTransparent === true) return false;
  const next = gif.frames[index + 1];
  const leavesNothing =
    (restoresNothing || frame.control?.disposal === TO_BACKGROUND) &&
    next !== undefined &&
    !covers(next, frame);
  return leavesNothing || (index === 0 && !covers(frame, { left: 0, top: 0, ...gif }));
}

type Place = Pick<GifFrame, 'left' | 'top' | 'width' | 'height'>;

function covers(over: Place & Partial<GifFrame>, under: Place): boolean {
  return (
    over.control?.isTransparent !== true &&
    over.left <= under.left &&
    over.top <= under.top &&
    over.left + over.width >= under.left + under.width &&
    over.top + over.height >= under.top + under.height
  );
}

/** Returns a graphic control extension with a transparent color. */
function withTransparent(gif: Buffer, at: number | undefined, color: number): Buffer {
  const control =
    at === undefined
      ? Buffer.of(0x21, 0xf9, 4, 0, 0, 0, 0, 0)
      : Buffer.from(gif.subarray(at, at + CONTROL_BYTES));
  control[3] = (control[3] ?? 0) | 1;
  control[6] = color;
  return control;
}
