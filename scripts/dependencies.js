#!/usr/bin/env node
'use strict'

// What only development needs, from npm. Run by itself, it installs that.

const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const ROOT = path.join(__dirname, '..')
const MODULES = path.join(ROOT, 'node_modules')
/** Which dependencies were installed last. */
const INSTALLED = path.join(MODULES, '.installed-from')

/** Installs them unless they are there. @returns {number | string} npm's exit code, or why there was nothing to do */
function installDependencies () {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  if (!dependencies && !devDependencies) return 'there are none'
  const wanted = createHash('sha256').update(JSON.stringify([dependencies, devDependencies, read('package-lock.json')])).digest('hex')
  if (read(INSTALLED) === wanted) return 0
  // --ignore-scripts: the package's own build is not for now.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { error, status } = spawnSync(npm, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'], { cwd: ROOT, stdio: 'inherit' })
  if (error) console.error(`npm does not run: ${error.message}`)
  if (status !== 0) return status || 1
  fs.mkdirSync(MODULES, { recursive: true })
  fs.writeFileSync(INSTALLED, wanted)
  return 0
}

function read (file) {
  const absolute = path.resolve(ROOT, file)
  return fs.existsSync(absolute) ? fs.readFileSync(absolute, 'utf8') : null
}

module.exports = { installDependencies }

if (require.main === module) {
  const outcome = installDependencies()
  process.exitCode = typeof outcome === 'number' ? outcome : 0
}
