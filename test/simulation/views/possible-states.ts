import { SETTINGS } from '../../../src/core/settings.ts';
import { TIMING } from '../../support/timing.ts';
import type { Deployed } from '../deployments.ts';
import { etagOf } from '../marks.ts';
import type { StoredObject } from '../object-history.ts';
import type { World } from '../world.ts';
import type { Window } from './window.ts';

export type ViewState = 'converted' | 'failed' | 'pending' | 'absent';

/** How a view determines states: by names and dates in listings, or by each object's metadata. */
export type ViewBasis = 'listings' | 'objects';

/** The part of a failure report that the checks read. */
export interface SeenReport {
  status: 'failed' | 'attempting';
  code: string;
  overAt: string | null;
  source: { etag: string; versionId?: string; lastModified: string };
}

/** The states that an upload can have in a view. */
export interface PossibleStates {
  /** Returns the states that some moments of the window justify; only one if nothing changed and nothing is in doubt. */
  of(key: string, basis: ViewBasis): ReadonlySet<ViewState>;
  /** Returns the reports that the key had in the window, and undefined if it had none at some moment. */
  reports(key: string): (SeenReport | undefined)[];
  /** Returns the keys and possible sizes of the results that the deployment names. */
  results(key: string): { key: string; rendition: string; bytes: number[] }[];
}

/** Older reports are certainly not of an attempt that is still running. */
const LONGEST_ATTEMPTS = SETTINGS.maxReceiveCount * TIMING.visibilityTimeoutSeconds * 1000;
/** S3 dates objects in whole seconds. */
const second = (at: number) => Math.floor(at / 1000);

const isThere = <T>(each: T | undefined): each is T => each !== undefined;

/** Determines them from what was stored, independently of the code of the views and of S3's model. */
export function possibleStates(world: World, deployed: Deployed, window: Window): PossibleStates {
  const { history } = world;
  const namesOf = (key: string) => deployed.expected(key).results.map((each) => each.key);

  /** Whether a result derives from this source, as far as anybody can determine without versions. */
  function derives(result: StoredObject | undefined, key: string, source: StoredObject): boolean {
    if (result === undefined || result.mark.key !== key) return false;
    if (result.mark.upload === source.mark.upload) return true;
    const looksEqual = history.contentOf(result.mark.upload) === history.contentOf(source.mark.upload);
    return source.versionId === 'null' && looksEqual && second(result.at) >= second(source.at);
  }

  const reports = (key: string) =>
    window
      .reports(key)
      .map((stored) =>
        stored === undefined
          ? undefined
          : { at: stored.at, ...(JSON.parse(Buffer.from(stored.bytes).toString()) as SeenReport) },
      );

  function isAbout({ source: named }: SeenReport, source: StoredObject): boolean {
    const { versionId = 'null' } = named;
    if (versionId !== source.versionId) return false;
    const isSame = named.etag.replaceAll('"', '') === etagOf(source.bytes);
    return versionId !== 'null' || (isSame && second(Date.parse(named.lastModified)) === second(source.at));
  }

  const isOver = ({ status, overAt }: SeenReport) =>
    status === 'failed' || overAt === null || Date.parse(overAt) < world.clock.now();

  /** The source, if it was the same at every moment. */
  function onlySource(key: string): StoredObject | undefined {
    const [source, another] = window.sources(key);
    return another === undefined && window.sources(key).length === 1 ? source : undefined;
  }

  function isCertainlyConverted(key: string): boolean {
    const source = onlySource(key);
    return (
      source !== undefined &&
      namesOf(key).every((name) => {
        const [result, ...others] = window.results(name);
        const { upload, key: of, deployment = 0 } = result?.mark ?? {};
        const isOfIt = of === key && upload === source.mark.upload;
        return others.length === 0 && isOfIt && deployment >= deployed.number;
      })
    );
  }

  function isCertainlyFailed(key: string): boolean {
    const source = onlySource(key);
    const [report, ...others] = reports(key);
    if (source === undefined || report === undefined || others.length > 0) return false;
    if (report.status !== 'failed' || !isAbout(report, source)) return false;
    return namesOf(key).some((name) => window.results(name).every((result) => result === undefined));
  }

  function mayBeConverted(key: string, source: StoredObject, basis: ViewBasis): boolean {
    const each = (is: (result: StoredObject | undefined) => boolean) =>
      namesOf(key).every((name) => window.results(name).some(is));
    if (each((result) => derives(result, key, source))) return true;
    if (basis === 'objects') return false;
    // Listings do not show what a later result is of, unless a report beside it leaves a doubt.
    const isReported = reports(key).every(
      (report) => report !== undefined && second(report.at) >= second(source.at),
    );
    return !isReported && each((result) => result !== undefined && second(result.at) > second(source.at));
  }

  function mayBeFailed(key: string, source: StoredObject, basis: ViewBasis): boolean {
    return reports(key)
      .filter(isThere)
      .some((report) => {
        if (isAbout(report, source) && isOver(report)) return true;
        // Listings do not show what an old report is about.
        const isOld = world.clock.now() - report.at > LONGEST_ATTEMPTS;
        return basis === 'listings' && isOld && second(report.at) > second(source.at);
      });
  }

  return {
    of(key, basis) {
      if (isCertainlyConverted(key)) return new Set<ViewState>(['converted']);
      if (isCertainlyFailed(key)) return new Set<ViewState>(['failed']);
      const states = new Set<ViewState>();
      for (const source of window.sources(key)) {
        if (source === undefined) {
          states.add('absent');
          continue;
        }
        states.add('pending');
        if (mayBeConverted(key, source, basis)) states.add('converted');
        if (mayBeFailed(key, source, basis)) states.add('failed');
      }
      return states;
    },

    reports,

    results: (key) =>
      deployed.expected(key).results.map(({ key: name, rendition }) => ({
        key: name,
        rendition,
        bytes: window.results(name).flatMap((result) => result?.bytes.byteLength ?? []),
      })),
  };
}
