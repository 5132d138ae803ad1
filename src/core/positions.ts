/** Where in its box an image is, or where a crop is taken from: parts of the free width and height. */
export const POSITIONS = {
  center: [0.5, 0.5],
  top: [0.5, 0],
  'right top': [1, 0],
  right: [1, 0.5],
  'right bottom': [1, 1],
  bottom: [0.5, 1],
  'left bottom': [0, 1],
  left: [0, 0.5],
  'left top': [0, 0],
} as const;
