/** One test file, because building and packing the package takes most of a minute. */
import { takesLong } from '../support/takes-long.ts';
import './extending.ts';
import './installed.ts';

takesLong();
