import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import type { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence';
import type { Context } from 'aws-lambda';
import { SETTINGS } from '../core/settings.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Config } from './config.ts';
import type { Telemetry } from './telemetry.ts';

export type Once<T> =
  | { kind: 'ran'; value: T }
  /** An earlier run for the same upload and recipe is complete. */
  | { kind: 'done before' }
  /** Another invocation is doing the work. */
  | { kind: 'in progress' };

/** Runs work once per upload. This saves the cost of duplicates; the conditional write makes them harmless. */
export interface Idempotency {
  /** Gives in-progress records the invocation's deadline, so that they expire soon after an invocation that died. */
  register(context: Context): void;
  /** @throws what `work` throws; the work can then run again */
  once<T>(object: ObjectRef, work: () => Promise<T>): Promise<Once<T>>;
}

interface IdempotencyDeps {
  /** Undefined without a table; then all work runs. */
  persistence: BasePersistenceLayer | undefined;
  config: Config;
  telemetry: Telemetry;
}

export function createIdempotency({ persistence, config, telemetry }: IdempotencyDeps): Idempotency {
  const settings = new IdempotencyConfig({ expiresAfterSeconds: SETTINGS.idempotencyExpirySeconds });

  return {
    register: (context) => settings.registerLambdaContext(context),

    async once<T>(object: ObjectRef, work: () => Promise<T>): Promise<Once<T>> {
      const identity = identityOf(object, config.generation);
      // Nothing distinguishes this upload from the key's next upload, so it must not be skipped.
      if (identity === undefined || persistence === undefined) return { kind: 'ran', value: await work() };

      let ran: { value: T } | { error: unknown } | undefined;
      const guarded = makeIdempotent(
        async (_identity: Identity) => {
          try {
            ran = { value: await work() };
          } catch (error) {
            ran = { error };
            throw error;
          }
          return { done: true };
        },
        { persistenceStore: persistence, config: settings, dataIndexArgument: 0 },
      );
      try {
        await guarded(identity);
      } catch (error) {
        if (error instanceof IdempotencyAlreadyInProgressError) return { kind: 'in progress' };
        if (!(error instanceof IdempotencyPersistenceLayerError)) throw error;
        // The work is correct without DynamoDB; only duplicates cost more.
        telemetry.warn('the idempotency table is unreachable; continuing without it', {}, error);
        ran ??= { value: await work() };
      }
      if (ran === undefined) return { kind: 'done before' };
      if ('error' in ran) throw ran.error;
      return { kind: 'ran', value: ran.value };
    },
  };
}

interface Identity {
  bucket: string;
  key: string;
  upload: string;
  generation: number;
}

/**
 * Returns undefined if nothing distinguishes the upload from the next upload of its key. Names the upload, not the
 * message (a redelivery has another receipt handle) and not the content (uploading the same bytes again after other
 * bytes is not a duplicate).
 */
function identityOf(
  { bucket, key, versionId, sequencer }: ObjectRef,
  generation: number,
): Identity | undefined {
  const upload = versionId ?? sequencer;
  return upload === undefined ? undefined : { bucket, key, upload, generation };
}
