'use strict'

// Publishes a package to a registry on this machine, installs it from there by its name, and runs pools with it.

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { node, npm } = require('../../__test__/nodes/runtimes')
const { freePorts } = require('../../__test__/support/ports')

const INSTALLED = path.join(__dirname, '..', '..', '__test__', 'nodes', 'installed.js')
const TOOLS = path.join(__dirname, '..', '..', 'node_modules', '.cache', 'release')
const VERDACCIO = '6.10.4'
/** verdaccio asks for one by a tag, which not every mirror has. */
const OVERRIDES = { 'node-fetch': '2.7.0' }
const NEWEST = { node: '24.21.0', npm: '11.19.1' }
const POOLS = [{ node: '10.24.1', npm: '6.14.18' }, NEWEST]
const LIMIT_MS = 180000

/** @param {string} tarball @param {string} name @param {string} scratch a folder for all that comes of it */
async function rehearse (tarball, name, scratch) {
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}/`
  const config = { storage: path.join(scratch, 'storage'), auth: { htpasswd: { file: path.join(scratch, 'htpasswd') } }, uplinks: {}, packages: { '**': { access: '$all', publish: '$authenticated' } }, log: { type: 'stdout', format: 'json', level: 'error' } }
  // YAML knows JSON.
  fs.writeFileSync(path.join(scratch, 'config.yaml'), JSON.stringify(config))
  const registry = spawn(node(NEWEST.node), [verdaccio(), '-c', path.join(scratch, 'config.yaml'), '-l', `127.0.0.1:${port}`], { cwd: scratch, stdio: 'ignore' })
  try {
    const user = path.join(scratch, 'npmrc')
    fs.writeFileSync(user, `registry=${url}\n//127.0.0.1:${port}/:_authToken=${await token(url)}\n`)
    run(NEWEST, ['publish', '--ignore-scripts', tarball], scratch, user)
    for (const each of POOLS) tryPools(each, install(each, name, scratch, user))
  } finally {
    registry.kill('SIGKILL')
  }
  return `published on loopback, and installed by name it serves pools on Node.js ${POOLS.map(each => each.node).join(' and ')}`
}

/** Gives the folder of what was installed. */
function install (version, name, scratch, user) {
  const folder = path.join(scratch, version.node)
  fs.mkdirSync(folder)
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "a-pool", "version": "1.0.0", "private": true }')
  run(version, ['install', '--no-audit', '--no-fund', name], folder, user)
  return path.join(folder, 'node_modules', name)
}

/** @param {{ node: string }} version @param {string} folder where the package is installed */
function tryPools (version, folder) {
  const env = { ...process.env, STANDIN_NODE: node(version.node), STANDIN_PACKAGE: folder }
  const { error, status, stderr } = spawnSync(process.execPath, [INSTALLED], { env, encoding: 'utf8', timeout: LIMIT_MS })
  if (status !== 0) throw new Error(`pools with what was installed fail on Node.js ${version.node}: ${error ? error.message : stderr}`)
}

function verdaccio () {
  const program = path.join(TOOLS, 'node_modules', 'verdaccio', 'bin', 'verdaccio')
  if (fs.existsSync(program)) return program
  fs.mkdirSync(TOOLS, { recursive: true })
  fs.writeFileSync(path.join(TOOLS, 'package.json'), JSON.stringify({ private: true, overrides: OVERRIDES }))
  run(NEWEST, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `verdaccio@${VERDACCIO}`], TOOLS)
  return program
}

/** That of a new user, as soon as the registry listens. @returns {Promise<string>} */
async function token (url) {
  const body = JSON.stringify({ name: 'rehearsal', password: 'rehearsal-of-a-release' })
  const deadline = Date.now() + 60000
  for (;;) {
    try {
      const answer = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
      return /** @type {{ token: string }} */ (await answer.json()).token
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

function run (version, args, cwd, userconfig) {
  const env = { ...process.env, PATH: [path.dirname(node(version.node)), process.env.PATH].join(path.delimiter) }
  if (userconfig) for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name]
  const { status, stderr } = spawnSync(node(version.node), [npm(version.npm), ...args, ...(userconfig ? ['--userconfig', userconfig] : [])], { cwd, env, encoding: 'utf8', timeout: LIMIT_MS })
  if (status !== 0) throw new Error(`npm ${args[0]} failed with npm ${version.npm}: ${stderr}`)
}

module.exports = { rehearse }
