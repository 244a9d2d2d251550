/**
 * Text as markdown that shows exactly this text. Teams' markdown knows bold, italic, lists and links; other renderers a
 * little more. Only what would start a construct is escaped, since some clients show a needless backslash.
 *
 * `{{DATE(…)}}` and `{{TIME(…)}}`, which the client fills in, pass.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\`*[\]<]|~(?=~)|(?<=~)~/g, String.raw`\$&`)
    .replaceAll(/\$\{/g, String.raw`$\{`)
    .replaceAll(/&(?=#|\w+;)/g, String.raw`\&`)
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
    .replace(/^(\s*)([#>+-])/, String.raw`$1\$2`)
    .replace(/^(\s*\d+)([.)])/, String.raw`$1\$2`);
}
