/** What a mail is to its readers: headers, sections, and lines that have power over git, mail clients and bots. */

/** A line of the log behind its number, which is not wrapped. */
export const QUOTED = /^ {2,}\d+\| /;

const SECTIONS: ReadonlySet<string> = new Set([
  ...['What happened', 'Evidence', 'Cut lines', 'Rival explanations', 'What the replay showed', 'What to do'],
  ...['How to backport the fix (a suggestion)', 'How to reproduce it', 'What would settle it'],
  ...['Beside the good boot', 'Other crashes in this log', 'Tags'],
]);

function parts(mail: string): { headers: string[]; body: string[] } {
  const lines = mail.split('\n');
  const end = lines.indexOf('');
  return { headers: lines.slice(0, end), body: lines.slice(end + 1) };
}

export function mailStructure(mail: string): unknown {
  const { headers, body } = parts(mail);
  return {
    headers: headers.filter((line) => !line.startsWith(' ')).map((line) => line.slice(0, line.indexOf(':'))),
    sections: body.filter((line, i) => SECTIONS.has(line) && body[i - 1] === '' && body[i + 1] === ''),
    tags: body
      .filter((line) => /^ {2}(?:Fixes|Closes|Link|Cc|#regzbot \w+):/.test(line))
      .map((line) => line.split(':')[0]),
  };
}

/** git's mailinfo.c, is_scissors_line(), written anew. */
function isScissors(line: string): boolean {
  let [gap, scissors, perforation, inside] = [0, 0, 0, false];
  const visible = line.trim().length;
  for (let i = 0; i < line.length; i++) {
    if (/\s/.test(line[i]!)) {
      if (inside) [perforation, gap] = [perforation + 1, gap + 1];
    } else if (line[i] === '-') [inside, perforation] = [true, perforation + 1];
    else if (/^(?:>8|8<|>%|%<)$/.test(line.slice(i, i + 2))) {
      [inside, perforation, scissors] = [true, perforation + 2, scissors + 2];
      i++;
    } else inside = false;
  }
  return scissors > 0 && visible >= 8 && visible < perforation * 3 && gap * 2 < perforation;
}

/** Lines of the body that are more than text, and what clients make a link of. */
export function mailPowers(mail: string): readonly string[] {
  const { headers, body } = parts(mail);
  const own = /^ {2}Cc: stable@vger\.kernel\.org #/;
  return [
    ...headers.filter((line) => !/^(?:Subject: | )/.test(line)),
    ...body.filter((line) => /^(?:From |>|--|\+\+\+|diff |Index: |@@|#|\.$|\/|[\w-]+:(?:\s|$))/.test(line)),
    ...body.filter(isScissors),
    ...body.filter(
      (line) =>
        !own.test(line) && /:\/\/|www\.\w|(?:mailto|xmpp):|@[\w-]+\.\w|\b(?:bug|comment|attachment) #?\d/i.test(line),
    ),
  ];
}
