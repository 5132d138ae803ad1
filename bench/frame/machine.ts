import { availableParallelism, cpus } from 'node:os';
import sharp from 'sharp';

/** Describes the machine, and the versions of Node, sharp and libvips. */
export function describeMachine(): string {
  const model =
    cpus()[0]
      ?.model.replaceAll(/\((R|TM)\)/g, '')
      .trim() ?? 'unknown processor';
  const { sharp: version, vips } = sharp.versions;
  return `${availableParallelism()} cores (${model}), Node ${process.versions.node}, sharp ${version}, libvips ${vips}`;
}
