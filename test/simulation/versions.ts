import type { Action } from './scenario.ts';
import type { World } from './world.ts';

type VersionAction = Extract<Action, { kind: 'delete version' | 'undelete' | 'versioning' | 'expire' }>;

/** Changes to the upload bucket's versions by users or lifecycle rules, of which S3 does not notify the pipeline. */
export function changeVersions(action: VersionAction, world: World): string {
  const { sources, uploads } = world;
  switch (action.kind) {
    case 'delete version': {
      const { key, which } = action;
      const objects = sources.versions(key).filter(({ bytes }) => bytes !== undefined);
      const version = objects.at(which === 'newest' ? -1 : 0);
      if (version === undefined) return `${key} has no version to delete`;
      if (objects.length > 1)
        world.met(which === 'newest' ? 'the newest version is deleted' : 'an older version is deleted');
      world.remove(uploads, key, version.versionId);
      return `the ${which} version of ${key} is deleted for good`;
    }
    case 'undelete': {
      const { key } = action;
      const newest = sources.versions(key).at(-1);
      if (newest === undefined || newest.bytes !== undefined) return `${key} has no delete marker to remove`;
      if (sources.versions(key).length > 1) world.met('a delete marker is removed');
      world.remove(uploads, key, newest.versionId);
      return `the delete marker of ${key} is removed`;
    }
    case 'versioning':
      if (action.state === 'enabled' && sources.versioning === 'suspended')
        world.met('versioning is enabled again');
      world.setVersioning(action.state);
      return `versioning is ${action.state}`;
    case 'expire':
      return action.what === 'current' ? expire(action.key, world) : expireOld(action.key, world);
  }
}

/** Like a rule with `Expiration`: deletes the object, or adds a delete marker if the bucket is versioned. */
function expire(key: string, world: World): string {
  if (world.sources.current(key) === undefined) return `${key} has nothing that could expire`;
  world.met('a source expires');
  world.remove(world.uploads, key);
  return `${key} expires`;
}

/** Like rules with `NoncurrentVersionExpiration` and `ExpiredObjectDeleteMarker`. */
function expireOld(key: string, world: World): string {
  const versions = world.sources.versions(key);
  if (versions.length > 1) world.met('old versions expire');
  for (const { versionId } of versions.slice(0, -1)) world.remove(world.uploads, key, versionId);
  const [last] = world.sources.versions(key);
  if (last !== undefined && last.bytes === undefined) world.remove(world.uploads, key, last.versionId);
  return `the old versions of ${key} expire`;
}
