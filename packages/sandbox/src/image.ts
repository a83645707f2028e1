import { readFileSync } from 'node:fs'
import { dockerRequest } from './dockerApi.ts'
import { errnoOf, SandboxError } from './errors.ts'
import { must } from './run.ts'
import { type TarEntry, tarArchive } from './tar.ts'

/**
 * Imports `repository:latest` from the machine's own static busybox: no registry is ever asked. `changes` are lines of a
 * Dockerfile, such as "EXPOSE 80". Same as "tar -c . | docker import --change … - busybox:latest".
 */
export async function importBusybox(
  socket: string,
  repository = 'busybox',
  changes: readonly string[] = [],
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: '-', repo: repository, tag: 'latest' })
  for (const change of ['CMD ["sh"]', ...changes]) query.append('changes', change)
  archive ??= busyboxArchive()
  const path = `/images/create?${query}`
  const answer = await dockerRequest({
    socket,
    method: 'POST',
    path,
    body: await archive,
    contentType: 'application/x-tar',
  })
  // The engine answers 200 before it begins, and reports a failure as a line of the progress.
  if (answer.status === 200 && !answer.text.includes('"error"')) return
  throw new SandboxError('COMMAND_FAILED', {
    doing: 'import the image',
    subject: repository,
    because: answer.text.trim(),
  })
}

/** Read and packed once per process: every host of every sandbox gets the same bytes. */
let archive: Promise<Buffer> | undefined

async function busyboxArchive(): Promise<Buffer> {
  const busybox = readBusybox()
  const applets = (await must(['busybox', '--list-full']))
    .split('\n')
    .filter((path) => path !== '' && path !== 'bin/busybox')
  const text = (path: string, content: string): TarEntry => ({
    kind: 'file',
    path,
    mode: 0o644,
    data: Buffer.from(content),
  })
  return tarArchive([
    ...['bin', 'sbin', 'usr', 'usr/bin', 'usr/sbin', 'etc', 'proc', 'sys', 'dev', 'root', 'var', 'www'].map(
      (path): TarEntry => ({ kind: 'folder', path, mode: 0o755 }),
    ),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, data: busybox },
    ...applets.map((path): TarEntry => ({ kind: 'link', path, mode: 0o777, to: '/bin/busybox' })),
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    text('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
    text('www/index.html', 'a page from a container\n'),
  ])
}

function readBusybox(): Buffer {
  for (const path of ['/bin/busybox', '/usr/bin/busybox', '/usr/local/bin/busybox', '/sbin/busybox']) {
    try {
      const bytes = readFileSync(path)
      // The name of a loader near the start means a dynamic program, which would find no libraries in the image.
      if (!bytes.subarray(0, 8192).includes('/ld-')) return bytes
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  const because = 'no static busybox on this machine; install it, for example with "apt-get install busybox-static"'
  throw new SandboxError('TOOL_MISSING', { doing: 'make the busybox image', because })
}
