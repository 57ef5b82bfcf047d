/** Whether a text is one character over and over: `000000000` passes many a check digit and is nobody's number. */
export function isRepeated(text: string): boolean {
  for (let at = 1; at < text.length; at++) if (text.charCodeAt(at) !== text.charCodeAt(0)) return false;
  return true;
}
