/** Replaces the values of secrets in any text by `[redacted]`. */
export interface Redactor {
  /** Remembers a value; values shorter than four characters would tear harmless text apart and are left out. */
  add(value: string): void;
  redact(text: string): string;
}

/** A redactor that starts with no values. */
export function createRedactor(): Redactor {
  const values = new Set<string>();
  return {
    add(value) {
      if (value.length >= 4) values.add(value);
    },
    redact(text) {
      let clean = text;
      // Longest first: a secret that begins with another one must not keep its tail.
      for (const value of [...values].sort((a, b) => b.length - a.length)) {
        if (clean.includes(value)) clean = clean.replaceAll(value, "[redacted]");
        const escaped = JSON.stringify(value).slice(1, -1);
        if (escaped !== value && clean.includes(escaped)) clean = clean.replaceAll(escaped, "[redacted]");
      }
      return clean;
    },
  };
}
