'use strict'

// `npx turtle-pool-multi-daemon edits`, on small pools that have the lines it looks for. What the edits are good for is shown on the edited pools;
// __test__/standin has its edits from here too.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const edits = require('../lib/cli/commands/edits')
const { SimNetwork } = require('../sim')
const { Folder, run } = require('./support/command-line')
const { LIMIT } = require('./support/pool')
const { CRYPTONOTE, TURTLE } = require('./support/small-pools')

const ROOT = path.join(__dirname, '..')
const POOLS = { 'turtle-pool': TURTLE, 'cryptonote-nodejs-pool': CRYPTONOTE }
const ONE_LINE = 'require(\'turtle-pool-multi-daemon\').attach(global.config, { log: global.log })'

const folders = []
after(() => folders.forEach(folder => folder.remove()))

/** A pool in a folder of its own, with the addon installed. */
class Pool {
  constructor (files, { installed = true } = {}) {
    const folder = new Folder()
    folders.push(folder)
    this.path = folder.path
    for (const [name, text] of Object.entries(files)) this.put(name, text)
    if (installed) this.link('node_modules/turtle-pool-multi-daemon', ROOT)
  }

  at (name) {
    return path.join(this.path, name)
  }

  put (name, text) {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true })
    fs.writeFileSync(this.at(name), text)
  }

  link (name, target) {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true })
    fs.symlinkSync(target, this.at(name))
  }

  read (name) {
    return fs.readFileSync(this.at(name), 'latin1')
  }

  /** All files but the addon, by name. */
  all () {
    const names = fs.readdirSync(this.path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => path.relative(this.path, path.join(entry.parentPath, entry.name)))
    return Object.fromEntries(names.filter(name => !name.startsWith('node_modules')).sort().map(name => [name, this.read(name)]))
  }

  edits (options = {}) {
    const streams = { out: { text: '', write (text) { this.text += text } }, err: { text: '', write (text) { this.text += text } } }
    try {
      return { code: edits.run({ operand: this.path, ...options }, streams), out: streams.out.text, err: streams.err.text }
    } catch (error) {
      return { code: 2, out: streams.out.text, err: `${error.message}\n` }
    }
  }

  write () {
    return this.edits({ write: true })
  }

  undo () {
    return this.edits({ undo: true })
  }

  /** A module of the pool, with what it requires. */
  load (name, required, scope = {}) {
    const module = { exports: {} }
    new Function('require', 'module', ...Object.keys(scope), this.read(name))(wanted => {
      assert.ok(wanted in required, wanted)
      return required[wanted]
    }, module, ...Object.values(scope))
    return module.exports
  }
}

/** What a unified diff makes of files. */
function patched (files, diff) {
  const result = { ...files }
  for (const part of diff.split(/^--- a\//m).slice(1)) {
    const [, name, hunks] = /^(.*)\n\+\+\+ b\/.*\n((?:[-+ @].*\n)+)/.exec(part)
    const lines = files[name].split('\n')
    const parts = []
    let at = 0
    for (const [, start, length, body] of hunks.matchAll(/^@@ -(\d+),(\d+) \+\d+,\d+ @@\n((?:[-+ ].*\n)+)/gm)) {
      const given = body.slice(0, -1).split('\n')
      assert.deepEqual(given.filter(line => line[0] !== '+').map(line => line.slice(1)), lines.slice(start - 1, start - 1 + Number(length)), `${name}:${start}`)
      parts.push(...lines.slice(at, start - 1), ...given.filter(line => line[0] !== '-').map(line => line.slice(1)))
      at = start - 1 + Number(length)
    }
    result[name] = parts.concat(lines.slice(at)).join('\n')
  }
  return result
}

const addon = { 'turtle-pool-multi-daemon': { current: () => null } }
const isKept = name => /\.before-edits-[0-9a-f]{16}$/.test(name)
const withoutKept = files => Object.fromEntries(Object.entries(files).filter(([name]) => !isKept(name)))
const withCrlf = files => Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace(/\n/g, '\r\n')]))

for (const [name, files] of Object.entries(POOLS)) {
  describe(`a pool like ${name}`, () => {
    test('is shown what would be edited, and not changed', () => {
      const pool = new Pool(files)
      const { code, out, err } = pool.edits()
      assert.match(out, new RegExp(`^A pool like ${name}: \\d+ places in ${Object.keys(files).length} files to edit\\.\n--- a/init\\.js\n`))
      assert.match(out, /\nNothing is changed yet: --write makes the edits\.\n$/)
      assert.ok(out.includes(`\n+${name === 'turtle-pool' ? ONE_LINE : ` ${ONE_LINE};`}\n`), out)
      assert.deepEqual([code, err, pool.all()], [0, '', files])
    })

    test('gets with --write what was shown', () => {
      const pool = new Pool(files)
      const { out } = pool.edits()
      const { code, err } = pool.write()
      assert.deepEqual([code, err], [0, ''])
      assert.deepEqual(withoutKept(pool.all()), patched(files, out))
    })

    test('is edited once', () => {
      const pool = new Pool(files)
      pool.write()
      const edited = pool.all()
      for (const again of [pool.edits(), pool.write()]) assert.deepEqual(again, { code: 0, out: `A pool like ${name}: all edits are there already.\n`, err: '' })
      assert.deepEqual(pool.all(), edited)
    })

    test('is as it was after --undo', () => {
      const pool = new Pool(files)
      pool.write()
      assert.equal(Object.keys(pool.all()).filter(isKept).length, Object.keys(files).length)
      const { code, out } = pool.undo()
      assert.match(out, /^As before the edits: init\.js, lib\//)
      assert.deepEqual([code, pool.all()], [0, files])
      assert.deepEqual(pool.undo(), { code: 0, out: `${pool.path}: there is nothing to undo.\n`, err: '' })
    })

    test('keeps its ends of lines, and every byte that is not edited', () => {
      const pool = new Pool(withCrlf(files))
      const plain = new Pool(files)
      pool.put('init.js', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`// caf\xe9 \x00\r\n${pool.read('init.js')}// end`, 'latin1')]))
      const before = pool.all()
      for (const one of [pool, plain]) assert.equal(one.write().code, 0)
      for (const file of Object.keys(files).slice(1)) assert.equal(pool.read(file), plain.read(file).replace(/\n/g, '\r\n'), file)
      assert.equal(pool.read('init.js'), `\xef\xbb\xbf// caf\xe9 \x00\r\n${plain.read('init.js').replace(/\n/g, '\r\n')}// end`)
      assert.equal(pool.undo().code, 0)
      assert.deepEqual(pool.all(), before)
    })

    for (const file of Object.keys(files)) {
      test(`with a ${file} that Node.js cannot read is not changed`, () => {
        const pool = new Pool({ ...files, [file]: `${files[file]}\n}` })
        const { code, err } = pool.write()
        assert.match(err, new RegExp(`^${file}: Node\\.js \\S+ cannot read it as it is: .*\nNothing is changed\\.\n$`))
        assert.deepEqual([code, Object.keys(pool.all())], [1, Object.keys(files).sort()])
      })
    }
  })
}

describe('what the edits are good for', () => {
  test('turtle-pool: work at an unchanged height is taken, given to miners, and its shares are checked', () => {
    for (const isEdited of [false, true]) {
      const pool = new Pool(TURTLE)
      if (isEdited) pool.write()
      const multiDaemon = { work: 1 }
      const daemon = { reply: null, rpcDaemon: (method, params, callback) => daemon.answer(() => callback(null, daemon.reply)), answer: call => call() }
      const { jobRefresh, Miner, templateOf } = pool.load('lib/pool.js', { './apiInterfaces.js': daemon, 'turtle-pool-multi-daemon': { current: () => multiDaemon } })
      const miner = new Miner()
      const next = height => {
        daemon.reply = { height }
        jobRefresh()
        return miner.getJob()
      }
      const first = next(5)
      assert.equal(next(5), null, 'the same work')
      const dead = templateOf(first)
      multiDaemon.work++
      const second = next(5)
      assert.equal(second !== null, isEdited, 'new work at an unchanged height')
      if (!isEdited) continue
      assert.equal(templateOf(first), dead, 'a share is checked against the template of its job')
      assert.notEqual(templateOf(second), dead)
      assert.equal(templateOf({ height: 5, template: {} }), null, 'a template that is no longer valid')
      // Asked for before a switch, answered after the new one's work is there.
      let late
      daemon.answer = call => { late = call }
      daemon.reply = { height: 9 }
      jobRefresh()
      daemon.answer = call => call()
      multiDaemon.work++
      const third = next(4)
      assert.equal(templateOf(third).height, 4, 'a lower height')
      late()
      assert.equal(miner.getJob(), null, 'the late one is of an earlier work')
    }
  })

  test('turtle-pool: without the addon at work, the edited pool does as before', () => {
    const pool = new Pool(TURTLE)
    pool.write()
    const daemon = { rpcDaemon: (method, params, callback) => callback(null, { height: daemon.height }) }
    const { jobRefresh, Miner } = pool.load('lib/pool.js', { './apiInterfaces.js': daemon, ...addon })
    const miner = new Miner()
    const jobs = [5, 5, 4, 6].map(height => {
      daemon.height = height
      jobRefresh()
      const job = miner.getJob()
      return job && job.height
    })
    assert.deepEqual(jobs, [5, null, null, 6])
  })

  test('cryptonote-nodejs-pool: miners get a job of a new template at an unchanged height', () => {
    for (const isEdited of [false, true]) {
      const pool = new Pool(CRYPTONOTE)
      if (isEdited) pool.write()
      const { processBlockTemplate, Miner } = pool.load('lib/pool.js', {})
      const miner = new Miner()
      processBlockTemplate({ height: 5 }, 0)
      const first = miner.getJob()
      assert.equal(miner.getJob(), first)
      processBlockTemplate({ height: 5 }, 0)
      assert.equal(miner.getJob() !== first, isEdited)
      processBlockTemplate({ height: 6 }, 0)
      assert.notEqual(miner.getJob(), first)
    }
  })

  test('cryptonote-nodejs-pool: a template that did not come, or is of earlier work, is asked for again', () => {
    for (const isEdited of [false, true]) {
      const pool = new Pool(CRYPTONOTE)
      if (isEdited) pool.write()
      const multiDaemon = { work: 3 }
      const sent = []
      let fails = true
      const ask = (method, callback) => method === 'getlastblockheader' ? callback(null, { result: { hash: 'a' } }) : callback(fails, { result: 'template' })
      const poll = pool.load('lib/daemon.js', { './ask.js': ask, 'turtle-pool-multi-daemon': { current: () => multiDaemon } }, { process: { send: message => sent.push(message) } })
      const sentAfter = () => {
        poll(() => {})
        return sent.length
      }
      assert.equal(sentAfter(), 0)
      fails = false
      const counts = [sentAfter(), sentAfter()]
      multiDaemon.work++
      counts.push(sentAfter(), sentAfter())
      assert.deepEqual(counts, isEdited ? [1, 1, 2, 2] : [0, 0, 0, 0])
    }
  })
})

describe('a pool that was edited by hand', () => {
  /** As the documentation of earlier versions told it. */
  const byHand = [
    ['init.js', /\n\nif/, `\n${ONE_LINE}\n\nif`],
    ['lib/pool.js', /$/m, '\nvar multiDaemon = require("turtle-pool-multi-daemon").current()'],
    ['lib/pool.js', /(apiInterfaces.rpcDaemon.*)callback\)/, '  var work = multiDaemon ? multiDaemon.work : 0\n  $1function (error, result) {\n    if (result) result.work = work\n    callback(error, result)\n  })'],
    ['lib/pool.js', /this.height = template.height/, '$&\n  this.work = template.work'],
    ['lib/pool.js', /^( +if .*)result.height > currentBlockTemplate.height\)/m, '$1result.work > currentBlockTemplate.work ||\n        (result.work === currentBlockTemplate.work && result.height > currentBlockTemplate.height))'],
    ['lib/pool.js', /this.lastBlockHeight === currentBlockTemplate.height/, 'this.lastTemplate === currentBlockTemplate'],
    ['lib/pool.js', /this.lastBlockHeight = currentBlockTemplate.height/, 'this.lastTemplate = currentBlockTemplate'],
    ['lib/pool.js', /(extraNonce: .*\n.*)height: currentBlockTemplate.height/, '$1height: currentBlockTemplate.height,\n      template: currentBlockTemplate'],
    ['lib/pool.js', /currentBlockTemplate.height === job[^]*?\[0\]/, 'currentBlockTemplate === job.template || validBlockTemplates.indexOf(job.template) !== -1 ? job.template : null']
  ]
  const editedBy = steps => steps.reduce((files, [name, pattern, text]) => {
    assert.match(files[name], pattern)
    return { ...files, [name]: files[name].replace(pattern, text) }
  }, TURTLE)

  test('has all edits', () => {
    const pool = new Pool(editedBy(byHand))
    assert.deepEqual(pool.write(), { code: 0, out: 'A pool like turtle-pool: all edits are there already.\n', err: '' })
  })

  for (const missing of byHand.keys()) {
    test(`lacks one of them: ${byHand[missing][1]}`, () => {
      const pool = new Pool(editedBy(byHand.filter((step, index) => index !== missing)))
      assert.match(pool.write().out, /^A pool like turtle-pool: edited 1 place in 1 file\.\n/)
      assert.match(pool.edits().out, /all edits are there already/)
    })
  }
})

describe('nothing is changed, and one line says why,', () => {
  const unchanged = (pool, ...patterns) => {
    const before = pool.all()
    const { code, out, err } = pool.write()
    for (const pattern of patterns) assert.match(err, pattern)
    assert.deepEqual([code, out, err.trim().split('\n').length], [1, '', patterns.length + 1])
    assert.match(err, /\nNothing is changed\.\n$/)
    assert.deepEqual(pool.all(), before)
  }
  const without = (name, pattern, text = '') => {
    const files = name in TURTLE && pattern.test(TURTLE[name]) ? TURTLE : CRYPTONOTE
    assert.match(files[name], pattern)
    return { ...files, [name]: files[name].replace(pattern, text) }
  }

  for (const [name, pattern, what] of [
    ['init.js', /require.*logger.*\n(?=[^]*isWorker)|cluster\.isWorker/g, 'the line that attaches the addon'],
    ['lib/pool.js', /var apiInterfaces/, 'the addon, after apiInterfaces\\.js is loaded'],
    ['lib/pool.js', /this\.height = template/, 'work in BlockTemplate'],
    ['lib/pool.js', /\(callback\) \{/, 'work in getBlockTemplate'],
    ['lib/pool.js', /result\.height >(?!.*\n\nfunction)/, 'the comparison of heights, or of the blocks before, in jobRefresh'],
    ['lib/pool.js', /this\.lastBlockHeight ===/, 'the comparison of heights in getJob'],
    ['lib/pool.js', /this\.lastBlockHeight = /, 'the last height in getJob'],
    ['lib/pool.js', /extraNonce: currentBlockTemplate/, 'extraNonce of the new job in getJob'],
    ['lib/pool.js', / === job\.height \?/, 'the lookup of a share\'s template by its height'],
    ['lib/daemon.js', /let lastHash/, 'the declaration of lastHash'],
    ['lib/daemon.js', /lastHash !== hash/, 'the comparison of lastHash'],
    ['lib/daemon.js', /getbc, /, 'the function that asks for a template'],
    ['lib/daemon.js', /type: 'Block/, 'the message with a new template']
  ]) {
    test(`without ${what}`, () => unchanged(new Pool(without(name, pattern, name === 'init.js' ? '' : 'other')), new RegExp(`^${name}: not found: ${what}`)))
  }

  test('with two of the places missing, in two files', () => {
    unchanged(new Pool({ ...without('lib/pool.js', /this\.height = template/, 'other'), 'init.js': TURTLE['init.js'].replace('cluster.isWorker', 'true') }),
      /^init\.js: not found: the line that attaches/, /\nlib\/pool\.js: not found: work in BlockTemplate\n/)
  })

  test('where a place is there twice', () => {
    unchanged(new Pool({ ...TURTLE, 'lib/pool.js': TURTLE['lib/pool.js'].replace('  this.height = template.height\n', '$&$&') }),
      /^lib\/pool\.js: not found: work in BlockTemplate: it is there 2 times\n/)
  })

  for (const [what, pattern, text] of [
    ['the comparison of heights in getJob', / {2}\},?\n\}/, '  },\n  other: function () { return this.lastBlockHeight == 5 }\n}'],
    ['the last height in getJob', /function Miner \(\) \{/, '$& this.lastBlockHeight = 0 '],
    ['extraNonce of the new job in getJob', / {2}\},?\n\}/, '  },\n  other: function () { return { extraNonce: 5 } }\n}']
  ]) {
    test(`where there is one more, in other words, of ${what}`, () => {
      const source = TURTLE['lib/pool.js'].replace(pattern, text)
      assert.notEqual(source, TURTLE['lib/pool.js'])
      unchanged(new Pool({ ...TURTLE, 'lib/pool.js': source }), new RegExp(`^lib/pool\\.js: not found: ${what}: 1 more of its kind is there in other words\n`))
    })
  }

  test('where the addon is not installed', () => {
    const pool = new Pool(TURTLE, { installed: false })
    assert.match(pool.edits().out, /\nFirst install the addon there: npm install turtle-pool-multi-daemon\n$/)
    unchanged(pool, /^turtle-pool-multi-daemon is not installed in .*: npm install turtle-pool-multi-daemon there first\n/)
  })

  test('where a file is read-only', () => {
    const pool = new Pool(TURTLE)
    fs.chmodSync(pool.at('lib/pool.js'), 0o444)
    unchanged(pool, /^lib\/pool\.js: is read-only\n/)
  })

  test('where a file is a symbolic link', () => {
    const other = new Pool(TURTLE)
    const pool = new Pool({ 'init.js': TURTLE['init.js'] })
    pool.link('lib/pool.js', other.at('lib/pool.js'))
    unchanged(pool, /^lib\/pool\.js: is a symbolic link to .*pool\.js: edit the pool whose file that is\n/)
    assert.deepEqual(other.all(), TURTLE)
  })

  test('where a file cannot be written', () => {
    const pool = new Pool(TURTLE)
    fs.mkdirSync(pool.at('lib/pool.js.new-edits'))
    unchanged(pool, /^lib\/pool\.js\.new-edits: cannot be written: /)
  })

  test('where the last of the files cannot take its place', () => {
    const pool = new Pool(TURTLE)
    const { renameSync } = fs
    fs.renameSync = (from, to) => {
      if (to.endsWith('pool.js')) throw Object.assign(new Error('no'), { code: 'EROFS', path: from })
      renameSync(from, to)
    }
    try {
      unchanged(pool, /^lib\/pool\.js\.new-edits: cannot be written: the file system is read-only\n/)
    } finally {
      fs.renameSync = renameSync
    }
  })

  test('but for what could not be put back, which is named with its backup', () => {
    const pool = new Pool(TURTLE)
    const { renameSync } = fs
    let renamed = 0
    fs.renameSync = (from, to) => {
      if (renamed++ > 0) throw Object.assign(new Error('no'), { code: 'EROFS', path: from })
      renameSync(from, to)
    }
    let result
    try {
      result = pool.write()
    } finally {
      fs.renameSync = renameSync
    }
    const [, backup] = /^lib\/pool\.js\.new-edits: cannot be written: .*\ninit\.js: could not be put back; what it was is in (\S+)\n$/.exec(result.err)
    assert.deepEqual([result.code, pool.read(backup), pool.read('lib/pool.js')], [1, TURTLE['init.js'], TURTLE['lib/pool.js']])
    assert.equal(pool.undo().code, 0)
    assert.deepEqual(pool.all(), TURTLE)
  })
})

describe('files that are edited', () => {
  test('keep their rights', () => {
    const pool = new Pool(TURTLE)
    fs.chmodSync(pool.at('lib/pool.js'), 0o640)
    const modes = () => fs.readdirSync(pool.at('lib')).map(name => fs.statSync(pool.at(`lib/${name}`)).mode & 0o777)
    pool.write()
    assert.deepEqual(modes(), [0o640, 0o640])
    pool.undo()
    assert.deepEqual(modes(), [0o640])
  })

  test('may be in a folder that is a symbolic link', () => {
    const pool = new Pool(TURTLE)
    const holder = new Pool({})
    holder.link('pool', pool.path)
    assert.equal(pool.edits({ write: true, operand: holder.at('pool') }).code, 0)
    assert.ok(pool.read('init.js').includes(ONE_LINE))
  })

  test('are not undone when somebody has edited one of them since', () => {
    const pool = new Pool(TURTLE)
    pool.write()
    fs.appendFileSync(pool.at('lib/pool.js'), '// mine\n')
    const before = pool.all()
    const { code, err } = pool.undo()
    assert.match(err, /^lib\/pool\.js: has changed since the edits; the file before the edits is lib\/pool\.js\.before-edits-[0-9a-f]{16}\nNothing is changed\.\n$/)
    assert.deepEqual([code, pool.all()], [1, before])
  })

  test('may be put back by hand', () => {
    const pool = new Pool(TURTLE)
    pool.write()
    pool.put('init.js', TURTLE['init.js'])
    assert.equal(pool.undo().code, 0)
    assert.deepEqual(withoutKept(pool.all()), TURTLE)
  })

  test('are undone to their beginning when they were edited in two steps', () => {
    const pool = new Pool(TURTLE)
    pool.write()
    pool.put('lib/pool.js', pool.read('lib/pool.js').replace('  this.work = template.work\n', ''))
    const between = pool.read('lib/pool.js')
    pool.write()
    assert.notEqual(pool.read('lib/pool.js'), between)
    assert.equal(pool.undo().code, 0)
    assert.equal(pool.read('lib/pool.js'), between, 'what somebody did in between stays')
  })
})

test('what stands in comments does not count', () => {
  const comments = `// ${ONE_LINE}\n/*\n${ONE_LINE}\n*/\n`
  const pool = new Pool({ ...TURTLE, 'init.js': comments + TURTLE['init.js'], 'lib/pool.js': `/* once:\n  this.height = template.height\n*/\n${TURTLE['lib/pool.js']}` })
  assert.match(pool.write().out, /edited 9 places in 2 files/)
  assert.ok(pool.read('init.js').startsWith(comments))
  assert.equal(pool.read('init.js').split(ONE_LINE).length, 4)
})

describe('the command', () => {
  test('takes the folder that it is called in, or the one that is named', LIMIT, async () => {
    const pool = new Pool(TURTLE)
    const here = await run(['edits'], { cwd: pool.path })
    const there = await run(['edits', pool.path])
    assert.deepEqual([here.code, here.stderr, there.stdout], [0, '', here.stdout])
    assert.equal((await run(['edits', '--write'], { cwd: pool.path })).code, 0)
    assert.ok(pool.read('init.js').includes(ONE_LINE))
    assert.equal((await run(['edits', pool.path, '--undo'])).code, 0)
    assert.deepEqual(pool.all(), TURTLE)
  })

  for (const [name, args, pattern] of [
    ['a folder that is no pool', [ROOT], /: there are no edits for this pool: /],
    ['a folder that is not there', ['/nonexistent'], /\/nonexistent: the folder does not exist/],
    ['a file', [__filename], /edits\.test\.js is not a folder/],
    ['two folders', [ROOT, ROOT], /unexpected argument/],
    ['both options', ['--write', '--undo', ROOT], /--write and --undo: give one of them/]
  ]) {
    test(`has no use for ${name}`, LIMIT, async () => {
      const { code, stdout, stderr } = await run(['edits', ...args])
      assert.match(stderr, pattern)
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [2, '', 1])
    })
  }
})

test('check in a pool\'s folder names the edits that are not there', LIMIT, async () => {
  const network = await SimNetwork.start(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'].map(host => ({ host })), { height: 50 })
  try {
    const [daemon, ...daemons] = network.daemons.map(({ host, port }) => ({ host, port }))
    const pool = new Pool({ ...TURTLE, 'config.json': JSON.stringify({ daemon, multiDaemon: { enabled: true, daemons } }) })
    const bare = await run(['check'], { cwd: pool.path })
    assert.match(bare.stdout, /\n +1\. the pool's init\.js lacks the line that attaches the addon\.\n +The command edits shows it, and adds it with --write\.\n/)
    assert.equal(bare.code, 1)
    pool.put('init.js', `${ONE_LINE}\n${TURTLE['init.js']}`)
    const attached = await run(['check', '--config', pool.at('config.json')])
    assert.match(attached.stdout, /\nNot protected:\n[^]* {2}- miners right after a fork: without the edits of a turtle-pool \(lib\/pool\.js\) they get no new work then; the command edits tells more\.\n/)
    assert.equal(attached.code, 0, attached.stdout)
    pool.write()
    const { edits, findings } = JSON.parse((await run(['check', '--json'], { cwd: pool.path })).stdout)
    assert.deepEqual([edits, findings], [{ pool: 'turtle-pool', attached: true, files: [], obstacles: [] }, []])
  } finally {
    await network.close()
  }
})
