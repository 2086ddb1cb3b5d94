import { fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ListPendingDecisionsRequest, PendingDecisionSchema } from "@stigmer/api";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { Store } from "../store/store.ts";
import { mayDecide, openQuestions, type Question } from "./pending-decisions.ts";

/** A page of questions that nobody has answered yet, the newest first. */
export function listPendingDecisions(store: Store, request: ListPendingDecisionsRequest) {
  const { namespace, executionId, approver } = request;
  const filter = { list: "decisions", namespace, executionId, approver };
  const before = readPageToken(request.pageToken, filter, ["number", "number"]);
  const { questions, last } = store.read.together(() =>
    openQuestions(
      store,
      {
        namespace,
        executionId,
        ...(before === undefined ? {} : { before: [Number(before[0]), Number(before[1])] as const }),
        limit: pageSizeOf(request.pageSize),
      },
      (question) => approver === "" || mayDecide(question, approver),
    ),
  );
  return {
    decisions: questions.map(toPendingDecision),
    nextPageToken: last === undefined ? "" : writePageToken([...last], filter),
  };
}

function toPendingDecision(question: Question): MessageInitShape<typeof PendingDecisionSchema> {
  const { executionId, target, request, askedAtMs, untilMs } = question;
  const { task, title, description = "", outcomes, form, data, approvers = [] } = request;
  return {
    executionId,
    target,
    task,
    title,
    description,
    outcomes: [...outcomes],
    ...(form === undefined ? {} : { form: fromJson(ValueSchema, form as JsonValue) }),
    ...(data === undefined ? {} : { data: fromJson(ValueSchema, data as JsonValue) }),
    approvers: [...approvers],
    askedAt: timestampFromMs(askedAtMs),
    ...(untilMs === undefined ? {} : { until: timestampFromMs(untilMs) }),
  };
}
