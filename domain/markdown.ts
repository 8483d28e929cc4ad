/** A text in Markdown as the characters it is: no markup, no link, no line of its own. */
export function literally(text: string): string {
  return (
    text
      .replace(/[\r\n]+/g, ' ')
      .replace(/[\\`*_{}[\]<>#|~&!$]/g, '\\$&')
      // Addresses become links without any markup.
      .replace(/:(?=\/\/)|(?<=\bwww)\.|(?<=\S)@(?=\S)/gi, '\\$&')
  );
}
