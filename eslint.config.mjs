import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/build',
      'coverage',
      '**/node_modules',
      'mutation/reports',
      'docs/.vitepress/cache',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // A controller or loader without state is still a class: the frameworks ask for one.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // A store's methods are asynchronous by contract, even when its memory responds at once.
    files: ['src/store/MemoryRevocationStore.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['spec/**/*.ts'],
    rules: {
      // chai's assertions are expressions, and its matchers are read as properties.
      '@typescript-eslint/no-unused-expressions': 'off',
      // Fixture controllers implement what a framework calls, whether or not they use `this` or await.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['example-app/public/**'],
    languageOptions: {
      globals: {
        atob: 'readonly',
        btoa: 'readonly',
        crypto: 'readonly',
        CustomEvent: 'readonly',
        document: 'readonly',
        EventTarget: 'readonly',
        fetch: 'readonly',
        FormData: 'readonly',
        localStorage: 'readonly',
        matchMedia: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
      },
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { console: 'readonly', process: 'readonly' } } },
  {
    files: ['fuzz/**'],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        Response: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
      },
    },
  },
  {
    files: ['compat/**'],
    languageOptions: {
      globals: {
        clearTimeout: 'readonly',
        exports: 'writable',
        fetch: 'readonly',
        require: 'readonly',
        setTimeout: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
