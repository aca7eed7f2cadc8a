'use strict'

// Few rules: those that find mistakes, and those that the house depends on. Each says why.

/** What Node.js 10 has beside JavaScript itself. */
const NODE_10 = names('Buffer URL URLSearchParams TextDecoder TextEncoder clearImmediate clearInterval clearTimeout console global process setImmediate setInterval setTimeout')
const COMMONJS = names('__dirname __filename exports module require')
/** What newer ones have as well, for what never runs in a pool. */
const NODE_20 = names('AbortController AbortSignal Event EventTarget fetch performance queueMicrotask structuredClone TextDecoderStream btoa gc')
const BROWSER = names('document window EventSource Node URL clearInterval clearTimeout console fetch getComputedStyle location localStorage requestAnimationFrame setInterval setTimeout matchMedia module')

/** Members of another object that begin with `_` are its own business: what others need has a name without it, and a contract. */
const FOREIGN_MEMBER = {
  selector: 'MemberExpression[object.type!=/^(ThisExpression|Super)$/][property.type="Identifier"][property.name=/^_[a-z]/]',
  message: 'A member that begins with _ is its class\'s own.'
}
/** ES2019 and later in the library, which `ecmaVersion` does not see. */
const TOO_NEW = {
  selector: 'CallExpression > MemberExpression.callee[property.name=/^(flat|flatMap|fromEntries|matchAll|replaceAll|replaceChildren|allSettled|findLast|hasOwn|groupBy|toSorted)$/]',
  message: 'Node.js 10 does not have it.'
}
/** Modules of Node.js 10 have no prefix. */
const PREFIXED = { selector: 'CallExpression[callee.name="require"] > Literal[value=/^node:/]', message: 'Node.js 10 does not know node:.' }

const RULES = {
  // A name that is misspelt fails only when its line runs.
  'no-undef': 'error',
  // What nobody uses is what somebody forgot, or forgot to delete. Arguments tell what a function is given; a caught error may not matter;
  // and `{ one, ...rest }` names what is left out of the rest.
  'no-unused-vars': ['error', { args: 'none', caughtErrors: 'none', ignoreRestSiblings: true }],
  // `==` between what daemons send and what is expected finds '' and 0 the same.
  eqeqeq: 'error',
  // What does not change says so.
  'prefer-const': ['error', { destructuring: 'all' }],
  'no-var': 'error',
  // The next five are mistakes wherever they stand.
  'no-const-assign': 'error',
  'no-dupe-keys': 'error',
  'no-unreachable': 'error',
  'no-self-assign': 'error',
  'no-unsafe-finally': 'error',
  // Whoever catches it looks for a message and a stack.
  'no-throw-literal': 'error',
  // One style, as everywhere in these files.
  semi: ['error', 'never'],
  quotes: ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
  'no-restricted-syntax': ['error', FOREIGN_MEMBER]
}

module.exports = [
  { ignores: ['node_modules/', 'target/', 'fuzz/target/', '__test__/fixtures/'] },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', ecmaVersion: 2023, globals: Object.assign({}, NODE_10, COMMONJS, NODE_20) },
    // An exemption that exempts nothing any more is to go.
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: RULES
  },
  {
    // What runs in pools: no syntax and no names that Node.js 10 does not have.
    files: ['index.js', 'install.js', 'lib/**/*.js'],
    ignores: ['lib/status/page/**'],
    languageOptions: { sourceType: 'commonjs', ecmaVersion: 2018, globals: Object.assign({}, without(NODE_20), NODE_10, COMMONJS) },
    rules: { 'no-restricted-syntax': ['error', FOREIGN_MEMBER, TOO_NEW, PREFIXED] }
  },
  {
    // Functions in these run in a browser.
    files: ['__test__/browser/*.js', '__test__/support/browser.js', 'scripts/screenshots.js'],
    languageOptions: { globals: BROWSER }
  },
  {
    // The page's scripts are put into one: what one of them defines, another uses.
    files: ['lib/status/page/*.js'],
    languageOptions: { sourceType: 'script', ecmaVersion: 2020, globals: Object.assign({}, without(COMMONJS), BROWSER) },
    // What one file defines is undefined in the others, as far as a linter sees.
    rules: { 'no-undef': 'off', 'no-unused-vars': ['error', { vars: 'local', args: 'none', caughtErrors: 'none' }] }
  }
]

function names (text) {
  return Object.fromEntries(text.split(' ').map(name => [name, 'readonly']))
}

/** Configurations add up: what an earlier one allows has to be taken out. */
function without (globals) {
  return Object.fromEntries(Object.keys(globals).map(name => [name, 'off']))
}
