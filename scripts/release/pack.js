'use strict'

// Makes the package that is published. npm decides what is in it; libdeflate makes it 5 % smaller than Node.js, which prefers to be fast.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { gunzipSync } = require('node:zlib')

const { python } = require('./python')

const ROOT = path.join(__dirname, '..', '..')
const LIBDEFLATE = 'deflate==0.9.0'
/** 12 is the highest level. */
const SCRIPT = 'import deflate, sys; sys.stdout.buffer.write(deflate.gzip_compress(sys.stdin.buffer.read(), 12))'
const LIMIT_MS = 120000

/**
 * Packs the package into a folder.
 * @param {string} folder
 * @returns {{ file: string, size: number, names: string[], binaries: { name: string, bytes: number }[] }} its path and size, what is in it, and how large each binary is on its own
 */
function pack (folder) {
  const told = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]).toString())
  // An array, or with some versions of npm an object by name.
  const [{ filename, files }] = /** @type {{ filename: string, files: { path: string }[] }[]} */ (Object.values(told))
  const file = path.join(folder, filename)
  const whole = compressed(gunzipSync(fs.readFileSync(file)))
  fs.writeFileSync(file, whole)
  const names = files.map(each => each.path)
  const binaries = names.filter(name => name.endsWith('.node')).map(name => ({ name, bytes: compressed(fs.readFileSync(path.join(ROOT, name))).length }))
  return { file, size: whole.length, names, binaries }
}

/** As gzip writes it, only smaller. What comes out of it is compared with what went in. @param {Buffer} bytes */
function compressed (bytes) {
  const smaller = run('python3', ['-c', SCRIPT], { input: bytes, env: { ...process.env, PYTHONPATH: python(LIBDEFLATE) } })
  if (!gunzipSync(smaller).equals(bytes)) throw new Error(`${LIBDEFLATE} lost something`)
  return smaller
}

/** @param {string} program @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} [options] @returns {Buffer} */
function run (program, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, timeout: LIMIT_MS, maxBuffer: Infinity, ...options })
  if (error) throw new Error(`${program} does not run: ${error.message}`)
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${stderr}`)
  return Buffer.from(stdout)
}

module.exports = { compressed, pack }
