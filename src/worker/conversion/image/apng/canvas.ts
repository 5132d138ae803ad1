import type { Size } from '../../../../core/geometry.ts';
import type { ApngFrame } from './read.ts';

type Place = Pick<ApngFrame, 'left' | 'top' | 'width' | 'height'>;

/** Draws the frames of an animation one after another, in RGBA with 8 bits per channel. */
export class Canvas {
  readonly #width: number;
  /** What is shown now. */
  readonly pixels: Uint8Array;

  constructor({ width, height }: Size) {
    this.#width = width;
    this.pixels = new Uint8Array(width * height * 4);
  }

  /** @param frame its pixels */
  draw({ blend, ...place }: Place & Pick<ApngFrame, 'blend'>, frame: Uint8Array): void {
    this.#eachRow(place, (at, row, bytes) => {
      const pixels = frame.subarray(row * bytes, (row + 1) * bytes);
      if (blend === 'source') this.pixels.set(pixels, at);
      else blendOver(this.pixels.subarray(at, at + bytes), pixels);
    });
  }

  /** Returns a copy of the pixels in a place. */
  copyOf(place: Place): Uint8Array {
    const copy = new Uint8Array(place.width * place.height * 4);
    this.#eachRow(place, (at, row, bytes) => copy.set(this.pixels.subarray(at, at + bytes), row * bytes));
    return copy;
  }

  clear(place: Place): void {
    this.#eachRow(place, (at, _row, bytes) => this.pixels.fill(0, at, at + bytes));
  }

  #eachRow({ left, top, width, height }: Place, change: (at: number, row: number, bytes: number) => void) {
    for (let row = 0; row < height; row += 1) change(((top + row) * this.#width + left) * 4, row, width * 4);
  }
}

/** Of alpha that is not premultiplied: https://www.w3.org/TR/png-3/#13Alpha-channel-processing */
function blendOver(under: Uint8Array, over: Uint8Array): void {
  for (let at = 0; at < over.length; at += 4) {
    const alpha = over[at + 3] ?? 0;
    if (alpha === 0) continue;
    const [ofOver, ofUnder] = [alpha * 255, (255 - alpha) * (under[at + 3] ?? 0)];
    const sum = ofOver + ofUnder;
    for (let channel = at; channel < at + 3; channel += 1)
      under[channel] = Math.round(((over[channel] ?? 0) * ofOver + (under[channel] ?? 0) * ofUnder) / sum);
    under[at + 3] = Math.round(sum / 255);
  }
}
