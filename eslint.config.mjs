import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const HOUSE = 'domain links providers templates config client workflows activities gateway worker cli sandbox'.split(
  ' ',
);

/**
 * One arrow of the house: of our folders, `files` may import their own, `to`, and only the types of `types`. `outside`
 * are further patterns that are forbidden. A later arrow replaces an earlier one for the files that both match.
 */
function arrow(files, { to = [], types = [], outside = [] }) {
  const [own] = files.split('/');
  const closed = HOUSE.filter((folder) => ![own, ...to, ...types].includes(folder));
  const patterns = [
    { regex: `^(\\.\\./)+(${closed.join('|')})/`, message: `An arrow of the house does not lead there from ${own}/.` },
    ...outside,
  ];
  if (types.length > 0) {
    const message = `From there ${own}/ may import types only.`;
    patterns.push({ regex: `^(\\.\\./)+(${types.join('|')})/`, allowTypeImports: true, message });
  }
  return { files: [files], rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'docs/', 'test/package/fixture/'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `const { secret: _, ...rest }` leaves something out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Texts are cut by code points, which is what vendors count.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // An empty environment variable or text is an absent one.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // What is private is so at run time too; only a constructor has no other way.
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"])[accessibility="private"]',
          message: 'Write #name instead of private.',
        },
      ],
      // Activities, handlers and hooks are asynchronous by contract.
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },

  arrow('domain/**/*.ts', {
    outside: [{ regex: '^[^.]', message: 'domain/ imports nothing but itself.' }],
  }),
  arrow('workflows/**/*.ts', {
    to: ['domain'],
    types: ['activities'],
    outside: [
      {
        regex: '^(?!\\.|@temporalio/(workflow|common)$)',
        message: 'Only @temporalio/workflow and @temporalio/common can be bundled into a workflow.',
      },
    ],
  }),
  arrow('links/**/*.ts', { to: ['domain'] }),
  arrow('providers/**/*.ts', { to: ['links', 'domain'] }),
  arrow('providers/*/**/*.ts', {
    to: ['links', 'domain'],
    outside: [
      {
        regex: '^\\.\\./(?!kit/|\\.\\./(domain|links)/)',
        message: 'A provider knows its own folder, kit/, links/ and domain/.',
      },
      { regex: '^@temporalio/', message: 'An adapter sends once; what Temporal does about it is not its business.' },
    ],
  }),
  arrow('templates/**/*.ts', {
    to: ['domain', 'links', 'providers'],
    outside: [{ regex: '^(\\.\\./)+providers/(?!kit/)', message: 'Of providers/ the templates know kit/.' }],
  }),
  arrow('config/**/*.ts', {
    to: ['templates', 'providers', 'links', 'domain'],
    outside: [{ regex: '^@temporalio/', message: 'What the file means can be said without Temporal.' }],
  }),
  arrow('client/**/*.ts', { to: ['domain', 'links'] }),
  arrow('activities/**/*.ts', { to: ['client', 'config', 'templates', 'providers', 'links', 'domain'] }),
  arrow('gateway/**/*.ts', { to: ['client', 'config', 'templates', 'providers', 'links', 'domain'] }),
  arrow('worker/**/*.ts', { to: HOUSE.filter((folder) => !['cli', 'sandbox'].includes(folder)) }),
  arrow('cli/**/*.ts', { to: HOUSE }),
  // Written from the vendors' pages: what it shared with providers/ could be wrong in both and stay green.
  arrow('sandbox/**/*.ts', { to: ['domain'] }),
  arrow('sandbox/demo/**/*.ts', { to: ['domain', 'cli', 'worker', 'gateway', 'client', 'config'] }),
);
