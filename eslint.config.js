import tseslint from 'typescript-eslint';

const loadRuntime = 'loadRuntime (src/compute/compiled/providers.ts) loads it, its telemetry turned off';

export default tseslint.config(
  { ignores: ['dist/', 'results/', 'src/compute/kernels/assembly/', 'docs/api/', 'node_modules/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js', 'bin/*.js', 'scripts/*.js'] } },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      // Ranks of tfjs tensors are assertions that the rule takes for needless and the compiler does not.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // The arrows of the design: simulation and rules know nothing of the command line or of the tensor library.
      'no-restricted-imports': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['src/compute/compiled/providers.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value="onnxruntime-node"]', message: loadRuntime },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['onnxruntime-node'], message: loadRuntime, allowTypeImports: true }] },
      ],
    },
  },
  {
    files: ['src/aggregators/**', 'src/attacks/**', 'src/workers/**', 'src/simulation/**', 'src/models/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/cli/**', 'node:fs*'],
              message: 'rules and simulation know no files and no command line',
            },
            {
              group: ['@tensorflow/*', 'onnxruntime-node'],
              message: 'only compute/ loads an engine',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
