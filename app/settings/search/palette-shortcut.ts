type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Keyboards for other scripts have no K on this key. */
const isLetterK = ({ key, code }: KeyPress) =>
  key.toLowerCase() === 'k' || (code === 'KeyK' && !/^[ -~]$/.test(key));

/**
 * Returns whether a key press opens the command palette: ⌘K on Apple devices, where Ctrl+K deletes the rest of the line
 * in a text field, and Ctrl+K elsewhere.
 */
export function isPaletteShortcut(press: KeyPress, isApple: boolean): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey } = press;
  if (!isLetterK(press) || altKey || shiftKey) return false;
  return isApple ? metaKey && !ctrlKey : ctrlKey && !metaKey;
}
