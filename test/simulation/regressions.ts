/**
 * Seeds that once found a violation by the worker or the simulation itself, with a description. That was with the
 * generator and scheduler of their time; with later ones, they are different runs.
 */
export const REGRESSIONS: readonly { seed: number; was: string }[] = [
  { seed: 38, was: 'a repeated message removed a failure report that an earlier success had left behind' },
  {
    seed: 341,
    was: 'on an unversioned bucket, a result of the same content was taken for that of the upload',
  },
  { seed: 2282, was: 'the last attempt at a poison failed to store its report: the reason is exhaustion' },
  { seed: 283_912, was: 'SQS moved a message that is no notification, and nothing said why' },
  {
    seed: 1_590_237,
    was: 'a second delivery replaced the reason for a rejection by the report of its own attempt, which never ended',
  },
  {
    seed: 7362,
    was: 'on the last attempt, SQS refused a dead letter, and the code of the content gave way to exhaustion',
  },
  { seed: 17_396, was: 'the last attempt at a bad upload crashed, and the check knew exhaustion only' },
  {
    seed: 22_346,
    was: 'S3 refused the last report, and that of the attempt before it, which crashed, stayed',
  },
  { seed: 46_755, was: 'a redrive deleted a dead letter by a receipt that a second receive had made void' },
  {
    seed: 93_710,
    was: 'a backfilled poison was replaced and converted, and the check took its letter for that of the new upload',
  },
  {
    seed: 238_155,
    was: 'repeated notifications of a poison met at its report, and the check knew one of its codes only',
  },
  {
    seed: 3423,
    was: 'faults struck the expiry guard on each of its days, and the check wanted a redrive of the dead letter that expired',
  },
  {
    seed: 20_842,
    was: 'a late result of the upload before hid, in a status by listings, the failure of the current one',
  },
  {
    seed: 26_308,
    was: 'without versions a redrive took the result of an upload of equal content for that of the next, as anybody must, and the check did not',
  },
  {
    seed: 3148,
    was: 'an upload whose conversion took too long in each attempt was a dead letter with the code retries.exhausted',
  },
  {
    seed: 7644,
    was: 'after a roll-back the report of a successful attempt, which could not be withdrawn, was taken for a failure under the deployed recipe',
  },
  ...[6289, 6361].map((seed) => ({
    seed,
    was: 'an outdated worker converted an upload under other names, and the check wanted results of equal content to be told apart without versions',
  })),
  {
    seed: 21_577,
    was: 'a report that could not be withdrawn counted again after result names had changed, and the check of listings did not expect it',
  },
  ...[2_086_099, 2_144_588].map((seed) => ({
    seed,
    was: 'SQS moved a message before any attempt, and the report of an earlier upload was taken for its reason',
  })),
  {
    seed: 49_362,
    was: 'the retry lane split a message of several uploads further after its invocation had responded',
  },
  {
    seed: 57_441,
    was: 'a redrive sent a dead letter before the check of what leaves the queue began, and deleted it afterwards',
  },
  {
    seed: 59_027,
    was: 'the reconciliation did not recognize the result of a deleted upload, because a former rule had given its name to another rendition',
  },
  {
    seed: 67_276,
    was: 'under a newer recipe, attempts of an earlier upload failed at a converted one, and the check of listings did not expect it',
  },
  {
    seed: 74_857,
    was: 'the schedule froze the last attempt at a poison until its conversion had exceeded its limit, and the check did not know that code',
  },
  {
    seed: 78_403,
    was: 'a redrive counted a message that it was deleting as hidden by itself, and so overlooked one that a listing hid',
  },
  {
    seed: 117_935,
    was: 'a late write of a deleted version replaced the result of the version before it, and the check wanted no second write of that',
  },
  {
    seed: 118_558,
    was: 'a message used up its attempts at an upload that took too long, and its report blamed the upload that had replaced it',
  },
  {
    seed: 120_833,
    was: 'a delay beyond its limit ended the last attempt at a bad upload, and the check did not know that code',
  },
  {
    seed: 131_408,
    was: 'a removal of orphans took a result of equal content while it was written, and the check wanted an outcome before the message that the removal then sent',
  },
  ...[166_582, 188_432].map((seed) => ({
    seed,
    was: 'results were deleted after their name had passed to another upload, and the check remembered them as converted',
  })),
  {
    seed: 202_617,
    was: 'after a roll-back, the report of a duplicate, which could not be withdrawn, counted again, and the check of listings did not expect it',
  },
  {
    seed: 267_953,
    was: "a restored upload was queued by a removal of orphans and converted, then its result's name passed to another upload, and the check of conversions did not expect it",
  },
  {
    seed: 179,
    was: 'a delay ended a conversion on one of the attempts, and the check did not count it as a fault',
  },
  {
    seed: 304_246,
    was: "without versions, two workers of one upload replaced each other's results in turn until an attempt was used up",
  },
  {
    seed: 505_241,
    was: "an invocation converted two uploads of a key without a stamp, and the simulation mistook the second check of one for the other's",
  },
  {
    seed: 569_052,
    was: 'other writers used up two attempts and faults the rest, but the check counted only the faults',
  },
  {
    seed: 613_609,
    was: 'a late result with a stamp replaced one without, which an outdated worker had stored for a later upload with equal contents, and its worker did not check the source again',
  },
  {
    seed: 909_303,
    was: "an outdated worker deleted a deleted upload's result, whose name and equal bytes another upload's had just taken, and the check did not leave that to the reconciliation",
  },
  {
    seed: 922_393,
    was: 'a late write of an earlier upload with equal content replaced one of several results before the last one was stored, and the check of acknowledgements did not know that its worker still has to check the source',
  },
  {
    seed: 929_547,
    was: 'a redrive read the source before a new upload and the result after the earlier one had it, and the check of its reports knew no such mixture',
  },
];
