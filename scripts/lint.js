#!/usr/bin/env node
'use strict'

// `npm run lint`: all that can be said of the sources without running them.

const path = require('node:path')
const { installDependencies } = require('./dependencies')
const { execute, runStages } = require('./steps')

const FUZZ = path.join('fuzz', 'Cargo.toml')
const node = (name, ...args) => ({ name, run: print => execute(print, process.execPath, args) })
const cargo = (name, args, env = {}) => ({ name, run: print => execute(print, 'cargo', args, { env: { ...process.env, ...env } }) })
const installed = (...parts) => path.join('node_modules', ...parts)

const STAGES = [
  [[{ name: 'development dependencies', run: installDependencies }]],
  [
    [
      node('ESLint', installed('eslint', 'bin', 'eslint.js'), '.'),
      node('types of JavaScript', installed('typescript', 'bin', 'tsc'), '--project', 'tsconfig.json')
    ],
    [
      cargo('format', ['fmt', '--check']),
      cargo('format of the fuzz targets', ['fmt', '--check', '--manifest-path', FUZZ]),
      cargo('clippy', ['clippy', '--all-targets', '--all-features', '--quiet', '--', '-D', 'warnings']),
      cargo('rustdoc', ['doc', '--no-deps', '--all-features', '--quiet'], { RUSTDOCFLAGS: '-D warnings' })
    ]
  ]
]

runStages(STAGES).then(code => { process.exitCode = code })
