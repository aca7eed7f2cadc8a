'use strict'

// Brings Node.js and npm in any version: both are packages of the npm registry.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const CACHE = path.join(__dirname, '..', '..', 'node_modules', '.cache', 'runtimes')

/** The path of the `node` of that version, for this machine's processor or another. */
function node (version, arch = process.arch) {
  return path.join(unpacked(`node-linux-${arch}`, version, ['package/bin/node']), 'bin', 'node')
}

/** The path of the script that is `npm` of that version. */
function npm (version) {
  return path.join(unpacked('npm', version, ['package']), 'bin', 'npm-cli.js')
}

/** The folder with these members of a package. */
function unpacked (name, version, members) {
  return once(`${name}-${version}`, scratch => {
    run('npm', ['pack', '--silent', `${name}@${version}`], scratch)
    run('tar', ['-xzf', `${name}-${version}.tgz`, ...members], scratch)
  })
}

/** The folder of that name, of what `fetch` puts in the folder `package` the first time. It is made beside it, so that what is there is always whole. */
function once (name, fetch) {
  const folder = path.join(CACHE, name)
  if (fs.existsSync(folder)) return folder
  fs.mkdirSync(CACHE, { recursive: true })
  const scratch = fs.mkdtempSync(path.join(CACHE, 'unpacking-'))
  try {
    console.log(`fetching ${name}`)
    fetch(scratch)
    fs.renameSync(path.join(scratch, 'package'), folder)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

function run (program, args, cwd) {
  const { error, status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
}

/** A slow mirror may take its time over 50 MB; one that hangs should not take all day. */
const LIMIT_MS = 300000

module.exports = { node, npm, once }
