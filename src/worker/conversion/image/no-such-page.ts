import { Rejected } from '../../../core/errors.ts';

export function noSuchPage(page: number, pages: number): Rejected {
  return new Rejected(
    'image.no_such_page',
    `the recipe asks for page ${page}, but the image has ${pages === 1 ? '1 page' : `${pages} pages`}`,
  );
}
