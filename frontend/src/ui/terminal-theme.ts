import type { ITheme } from "@xterm/xterm";

/** terminalTheme maps the sixteen colours of terminals to our tokens, whose contrast is known. */
export function terminalTheme(token: (name: string) => string): ITheme {
  const colours = { red: "failed", green: "running", yellow: "paused", blue: "accent-fg", magenta: "unknown", cyan: "transient" } as const;
  const theme: ITheme = {
    background: token("sunken"),
    foreground: token("fg"),
    cursor: token("fg"),
    cursorAccent: token("sunken"),
    selectionBackground: token("accent"),
    selectionForeground: token("fg-on-accent"),
    black: token("line"),
    brightBlack: token("fg-muted"),
    white: token("fg-secondary"),
    brightWhite: token("fg"),
  };
  for (const [name, from] of Object.entries(colours) as [keyof typeof colours, string][]) {
    theme[name] = token(from);
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}` as keyof ITheme & `bright${string}`] = token(from);
  }
  return theme;
}
