import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// features do not import each other; host strings are never markup.
export default tseslint.config(
  { ignores: ["src/gen/**", "public/**", "node_modules/**"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "text from hosts is never markup" },
        { selector: "AssignmentExpression > MemberExpression[property.name=/^(inner|outer)HTML$/]", message: "text from hosts is never markup" },
      ],
    },
  },
  {
    files: ["src/features/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@/features/*", "@/app/*", "../*"], message: "a feature imports its own folder (./), @/ui, @/lib and @/gen: not another feature, not the shell" }] },
      ],
    },
  },
);
