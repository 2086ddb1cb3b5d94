export {
  type CorpusCase,
  corpusEffects,
  corpusInput,
  failureOf,
  interpreterCorpus,
  outcomeOf,
  type ScriptedOutcome,
} from "./corpus/corpus.testsuite.ts";
