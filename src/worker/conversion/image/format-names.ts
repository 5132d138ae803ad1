/** Common names of formats, by content type. */
const NAMES: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/apng': 'APNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
  'image/tiff': 'TIFF',
  'image/heic': 'HEIC',
  'image/heic-sequence': 'HEIC (a sequence)',
  'image/heif': 'HEIF',
  'image/heif-sequence': 'HEIF (a sequence)',
  'image/bmp': 'BMP',
  'image/x-icon': 'ICO',
  'image/icns': 'ICNS',
  'image/jxl': 'JPEG XL',
  'image/jp2': 'JPEG 2000',
  'image/jpx': 'JPEG 2000',
  'image/jpm': 'JPEG 2000',
  'image/vnd.ms-photo': 'JPEG XR',
  'image/flif': 'FLIF',
  'image/bpg': 'BPG',
  'image/j2c': 'JPEG 2000',
  'image/jls': 'JPEG-LS',
  'image/x-xcf': 'XCF (GIMP)',
  'image/vnd.adobe.photoshop': 'PSD (Photoshop)',
  'image/x-canon-cr2': 'CR2 (camera RAW by Canon)',
  'image/x-canon-cr3': 'CR3 (camera RAW by Canon)',
  'image/x-nikon-nef': 'NEF (camera RAW by Nikon)',
  'image/x-sony-arw': 'ARW (camera RAW by Sony)',
  'image/x-adobe-dng': 'DNG (camera RAW)',
  'image/x-fujifilm-raf': 'RAF (camera RAW by Fujifilm)',
  'image/x-olympus-orf': 'ORF (camera RAW by Olympus)',
  'image/x-panasonic-rw2': 'RW2 (camera RAW by Panasonic)',
  'application/xml': 'SVG, or other XML',
  'application/pdf': 'PDF',
  'application/postscript': 'PostScript',
  'application/zip': 'a ZIP archive',
  'video/mp4': 'MP4 video',
  'video/quicktime': 'QuickTime video',
  'video/webm': 'WebM video',
};

/** Returns the common name of a content type or, for a rare one, the type itself. */
export function formatName(contentType: string | undefined): string {
  if (contentType === undefined) return 'of an unknown format';
  return NAMES[contentType] ?? contentType;
}
