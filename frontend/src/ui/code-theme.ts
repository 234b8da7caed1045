import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { EditorView } from "codemirror";

/** CodeMirror by our tokens: follows the theme by itself, variables reach into its shadow root. */
const look = EditorView.theme({
  "&": { height: "100%", color: "var(--fg)", backgroundColor: "var(--sunken)", fontSize: "12px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: '"JetBrains Mono Variable", monospace', lineHeight: "18px", fontVariantLigatures: "none", scrollbarWidth: "thin" },
  ".cm-content": { caretColor: "var(--fg)", padding: "6px 0" },
  ".cm-cursor": { borderLeftColor: "var(--fg)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--fg-muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--fg) 4%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 40%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent-line)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-soft)", outline: "1px solid var(--warning)" },
  ".cm-foldPlaceholder, .cm-collapsedLines": { background: "var(--raised)", color: "var(--fg-muted)", border: "none", padding: "2px 8px" },
  // CodeMirror's own marks are characters that our face does not have.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"···" !important' },
  ".cm-foldGutter .cm-gutterElement > span": { fontSize: "0" },
  ".cm-foldGutter .cm-gutterElement > span::before": {
    content: '""', display: "inline-block", width: "5px", height: "5px", margin: "5px 4px", verticalAlign: "top",
    borderRight: "1.5px solid currentColor", borderBottom: "1.5px solid currentColor", transform: "rotate(45deg)",
  },
  '.cm-foldGutter .cm-gutterElement > span[title="Unfold line"]::before': { margin: "6px 4px", transform: "rotate(-45deg)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--fg)", borderColor: "var(--line)" },
  ".cm-panels input, .cm-panels button, .cm-panels label": { fontFamily: '"Inter Variable", sans-serif', fontSize: "12px" },
  ".cm-textfield": { backgroundColor: "var(--sunken)", color: "var(--fg)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-button": { background: "var(--panel)", color: "var(--fg)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-tooltip": { backgroundColor: "var(--overlay)", color: "var(--fg)", border: "1px solid var(--line)", borderRadius: "4px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--fg)" },
  ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--running-soft) !important" },
  ".cm-changedText": { background: "none !important", boxShadow: "inset 0 -2px var(--running)" },
  ".cm-deletedChunk": { backgroundColor: "var(--failed-soft)", paddingLeft: "6px" },
  ".cm-deletedText, .cm-deletedChunk .cm-deletedText": { background: "none !important", boxShadow: "inset 0 -2px var(--failed)" },
  ".cm-changeGutter": { width: "3px" },
  ".cm-changedLineGutter": { background: "var(--running)" },
  ".cm-deletedLineGutter": { background: "var(--failed)" },
  ".cm-wrong": { backgroundColor: "var(--failed-soft)" },
  ".cm-wrong::after": { content: '"  " attr(data-message)', color: "var(--failed)", fontFamily: '"Inter Variable", sans-serif' },
});

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword, tags.definition(tags.propertyName)], color: "var(--accent-fg)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--transient)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--running)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warning)" },
  { tag: [tags.comment, tags.processingInstruction, tags.meta], color: "var(--fg-muted)" },
  { tag: [tags.angleBracket, tags.punctuation, tags.separator], color: "var(--fg-muted)" },
  { tag: tags.invalid, color: "var(--failed)" },
]);

/** Theme and colours of all editors. */
export const editorTheme = [look, syntaxHighlighting(colours)];
