'use strict'

// What `npm install` runs: the binary that comes with the package serves, or else one is built from source. Node 8 syntax, so
// that an old Node.js gets to read why it will not do.

const { spawn, spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')

const libc = require('./lib/source/libc')
const mistakeOfVersion = require('./lib/node-version')

const ADDON = path.join(__dirname, 'turtle-pool-multi-daemon.node')

async function main () {
  const mistake = mistakeOfVersion()
  if (mistake) throw new Refusal(mistake)
  if (process.platform !== 'linux') return console.log(ELSEWHERE)
  const failure = whyNotLoading()
  if (!failure) return
  checkCargo(failure)
  console.log('turtle-pool-multi-daemon: building from source with cargo, which takes some minutes')
  await build()
  const still = whyNotLoading()
  if (still) throw new Refusal(`it was built, but does not load: ${still}`)
}

/** No reason to fail: whoever develops a pool there needs nothing else, and the feature is off unless asked for. */
const ELSEWHERE = `turtle-pool-multi-daemon: there is no binary for ${process.platform} ${process.arch}, so it works only switched off ("enabled": false)`

/** Why the addon does not load; nothing where it does. Tried in another process: a wrong binary can also crash. */
function whyNotLoading () {
  const { error, signal, status, stderr } = spawnSync(process.execPath, ['-e', `(${tellWhyNotLoading})()`], {
    cwd: __dirname,
    encoding: 'utf8',
    env: Object.assign({}, process.env, { NODE_OPTIONS: '' })
  })
  if (error) return error.message
  if (status === 0) return undefined
  return stderr.trim() || `node ended with ${signal || status}`
}

/** Its text is run in the other process. */
function tellWhyNotLoading () {
  try {
    require('./lib/source/binary')
  } catch (error) {
    console.error(error.tried ? error.tried.join('\n  ') : error.message)
    process.exitCode = 1
  }
}

function checkCargo (failure) {
  const [wanted, found] = [wantedRust(), foundCargo()]
  const remedy = `Rust ${wanted} or newer, which https://rustup.rs installs, and a C compiler can build one; then install again.`
  const missing = `no binary works on ${[process.platform, process.arch, libc()].filter(Boolean).join(' ')}`
  if (!found) throw new Refusal(`${missing}, and cargo is missing to build one`, failure, remedy)
  if (isOlder(found, wanted)) throw new Refusal(`${missing}, and cargo ${found} is too old to build one`, failure, remedy)
}

/** What the crate itself asks for. */
function wantedRust () {
  return /^rust-version = "(.*)"$/m.exec(fs.readFileSync(path.join(__dirname, 'Cargo.toml'), 'utf8'))[1]
}

function foundCargo () {
  const { stdout } = spawnSync('cargo', ['--version'], { cwd: __dirname, encoding: 'utf8' })
  const version = /^cargo (\d+\.\d+)/.exec(stdout)
  return version && version[1]
}

function isOlder (version, other) {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map(each => each.split('.').map(Number))
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}

/** Builds where nothing else is, and takes all of it away again, whatever becomes of the build: it is 100 MB. */
async function build () {
  const target = makeFolder()
  try {
    await cargo(target)
    fs.renameSync(path.join(target, 'release', 'libturtle_pool_multi_daemon.so'), ADDON)
  } finally {
    remove(target)
  }
}

function makeFolder () {
  try {
    return fs.mkdtempSync(path.join(__dirname, 'build-'))
  } catch (error) {
    if (error.code !== 'EACCES') throw error
    throw new Refusal(`nothing can be written in ${__dirname}`, 'npm 6 as root runs this as another user, unless --unsafe-perm is given.')
  }
}

function cargo (target) {
  const args = ['rustc', '--release', '--locked', '--lib', '--crate-type', 'cdylib', '--features', 'node', '--target-dir', target]
  const env = Object.assign({}, process.env)
  // With a target of its own, cargo would put the library elsewhere.
  delete env.CARGO_BUILD_TARGET
  // Rust links programs for musl statically unless told otherwise, but a library that Node.js loads cannot be.
  if (libc() === 'musl') env.RUSTFLAGS = `${env.RUSTFLAGS || ''} -C target-feature=-crt-static`
  return new Promise((resolve, reject) => {
    const child = spawn('cargo', args, { cwd: __dirname, env, stdio: ['ignore', 'inherit', 'inherit'] })
    const end = signal => child.kill(signal)
    for (const signal of SIGNALS) process.on(signal, end)
    child.on('error', reject)
    child.on('close', (status, signal) => {
      for (const each of SIGNALS) process.removeListener(each, end)
      if (status === 0) resolve()
      else reject(new Refusal(`cargo ended with ${signal || status}; what it wrote above says why`))
    })
  })
}

/** Who ends npm ends this too, and then there is still the folder to take away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** `fs.rmSync` is younger than Node 10. */
function remove (file) {
  if (!fs.lstatSync(file).isDirectory()) return fs.unlinkSync(file)
  for (const name of fs.readdirSync(file)) remove(path.join(file, name))
  fs.rmdirSync(file)
}

/** A reason that is for the one who installs to read; other errors show where they come from. */
class Refusal extends Error {
  constructor (...sentences) {
    super(sentences.filter(Boolean).join('\n  '))
  }
}

main().catch(error => {
  console.error(error instanceof Refusal ? `turtle-pool-multi-daemon cannot be installed: ${error.message}` : error)
  process.exitCode = 1
})
