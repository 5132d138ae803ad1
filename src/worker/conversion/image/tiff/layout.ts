/** How the directories of a TIFF are laid out. BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html */
export interface Layout {
  little: boolean;
  /** Bytes of the number of fields, and of an offset. */
  countBytes: number;
  offsetBytes: number;
  /** Offset of the first directory's offset. */
  firstAt: number;
}

const BIG_TIFF = 43;

/** Returns the layout of a file that begins like a TIFF. */
export function layoutOf(tiff: Uint8Array): Layout {
  const little = tiff[0] === 0x49;
  return numbersIn(tiff, little)(2, 2) === BIG_TIFF
    ? { little, countBytes: 8, offsetBytes: 8, firstAt: 8 }
    : { little, countBytes: 2, offsetBytes: 4, firstAt: 4 };
}

/** Returns a reader of numbers of 1, 2, 4 or 8 bytes. Reading past the end yields 0. */
export function numbersIn(bytes: Uint8Array, little: boolean): (at: number, size: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (at, size) => {
    if (at + size > bytes.byteLength) return 0;
    switch (size) {
      case 1:
        return view.getUint8(at);
      case 2:
        return view.getUint16(at, little);
      case 4:
        return view.getUint32(at, little);
      default:
        return Number(view.getBigUint64(at, little));
    }
  };
}
