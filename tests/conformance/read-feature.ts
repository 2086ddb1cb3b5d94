/** One step of a scenario: its words without `Given`, `When`, `Then` and `And`, and its doc string. */
export interface Step {
  readonly text: string;
  readonly docString?: string;
}

/** One scenario of a feature file. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/**
 * Reads the part of Gherkin that the conformance kit uses: scenarios, steps and doc strings.
 *
 * Doc strings are freed from their own indentation, which differs between steps of one file.
 */
export function readFeature(text: string): readonly Scenario[] {
  const scenarios: { name: string; steps: Step[] }[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    const scenario = scenarios.at(-1);
    if (line.startsWith("Scenario:")) {
      scenarios.push({ name: line.slice("Scenario:".length).trim(), steps: [] });
    } else if (line.startsWith('"""') && scenario !== undefined) {
      const end = lines.findIndex((other, at) => at > index && other.trim() === '"""');
      const step = scenario.steps.pop();
      if (step !== undefined) scenario.steps.push({ ...step, docString: dedent(lines.slice(index + 1, end)) });
      index = end;
    } else if (/^(Given|When|Then|And)\b/.test(line)) {
      scenario?.steps.push({ text: line.replace(/^(?:(?:Given|When|Then|And)\s+)+/i, "") });
    }
  }
  return scenarios;
}

function dedent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== "");
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent)).join("\n");
}
