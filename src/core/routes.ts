/** Every path of the operations is below this one, so that they can have a permission of their own. */
export const OPERATIONS_PATH = '/ops';
