// Checked by the compiler, never run: the declarations say what JavaScript users can rely on.
import { attach, BlockFate, current, Daemon, HostStatus, MultiDaemon, PoolConfig, ReasonCode, Status, SwitchEvent } from '..'

const config: PoolConfig = {
  daemon: { host: '127.0.0.1', port: 11898 },
  multiDaemon: { enabled: true, daemons: [{ host: 'node.example', port: '443', tls: true, login: 'user:password' }], failback: false, fallback: 'best', gateway: { port: 8119, password: 'secret' } },
  poolServer: { enabled: true }
}
const multiDaemon: MultiDaemon = new MultiDaemon(config)

const daemon: Daemon = multiDaemon.getDaemon()
// @ts-expect-error the daemon is frozen
daemon.port = 1

const ready: Promise<Status> = multiDaemon.ready
const refreshed: Promise<Status> = multiDaemon.refresh()
const stopped: Promise<void> = multiDaemon.stop()
const status: Status = multiDaemon.getStatus()
const lag: number | null = status.daemons[0].lag

multiDaemon
  .on('switch', (event: SwitchEvent) => event.to.host)
  .on('daemon', (daemon, before) => [daemon.reason?.code === 'forked', before === 'healthy'])
  .on('mode', (mode, status) => [mode === 'single', status.healthy])
  .on('hold', (hold: boolean) => hold)
  .on('block', head => head.hash)
  .on('submitted', (block: BlockFate) => block.told === 'refused')
  .on('lost', block => block.height)

const { rpc } = multiDaemon
const template: Promise<any> | void = rpc('getblocktemplate', { reserve_size: 8 }, (error, result) => [error, result])
const promised: Promise<any> | void = rpc('submitblock', ['00ff'])
const gateway: { host: string, port: number } | null = status.gateway
const takenBy: Daemon | null = status.blocks[0].by
const noWork: ReasonCode = 'no-work'
const withoutGateway: PoolConfig = { daemon: { host: 'a', port: 1 }, multiDaemon: { enabled: true, daemons: [], gateway: false } }
const attached: MultiDaemon | null = attach(config, { log: (severity, system, text, data) => [severity, system, text, data] })
const same: MultiDaemon | null = current()
const held: boolean = multiDaemon.hold
multiDaemon.drain('node.example', 443)
multiDaemon.undrain('node.example', 443)
multiDaemon.pin('node.example', 443, 60000)
multiDaemon.unpin()
multiDaemon.reconfigure(config)
const until: number | undefined = status.pin?.until
const drained: boolean = status.daemons[0].drained
const work: number = multiDaemon.work
const metrics: string = multiDaemon.metrics()
const shared: MultiDaemon | null = attach(config, { redis: { ready: true }, host: 'pool-1' })
const hosts: HostStatus[] = status.hosts ?? []
const foundThere: BlockFate | undefined = hosts[0]?.blocks[0]

// @ts-expect-error a pin has an end
multiDaemon.pin('node.example', 443)
// @ts-expect-error there is no such method any more
multiDaemon.submitBlock('00ff')
// @ts-expect-error there is no such option any more
attach(config, { rpcOnly: true })
// @ts-expect-error there is no such gateway
const nowhere: PoolConfig = { daemon: { host: 'a', port: 1 }, multiDaemon: { enabled: true, daemons: [], gateway: 'no' } }
// @ts-expect-error there is no such event
multiDaemon.on('swich', () => {})
// @ts-expect-error there is no such policy
const wrong: PoolConfig = { daemon: { host: 'a', port: 1 }, multiDaemon: { enabled: true, daemons: [], fallback: 'worst' } }

export {
  attached, drained, foundThere, gateway, held, hosts, lag, metrics, noWork, nowhere, promised, ready, refreshed, same, shared, stopped, takenBy, template, until, withoutGateway, work, wrong
}
