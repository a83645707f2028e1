import { type DockerNetwork, dockerNetworkId } from '@hopscope/model'
import type { NetworkAnswer } from './shapes.ts'

/** The record of a network from the answer of `docker network inspect NAME`. */
export function networkRecord(answer: NetworkAnswer): DockerNetwork {
  const bridge = bridgeOf(answer)
  const parent = parentOf(answer)
  return {
    id: dockerNetworkId(answer.Id),
    networkId: answer.Id,
    name: answer.Name,
    driver: answer.Driver,
    scope: answer.Scope,
    internal: answer.Internal,
    attachable: answer.Attachable,
    ingress: answer.Ingress,
    ipv6: answer.EnableIPv6,
    ipam: (answer.IPAM?.Config ?? []).map(({ Subnet, Gateway, IPRange }) => ({
      ...(Subnet !== undefined && { subnet: Subnet }),
      ...(Gateway !== undefined && { gateway: Gateway }),
      ...(IPRange !== undefined && { ipRange: IPRange }),
    })),
    ipamDriver: answer.IPAM?.Driver ?? '',
    options: answer.Options,
    labels: answer.Labels,
    ...(bridge !== undefined && { bridge }),
    ...(parent !== undefined && { parent }),
    createdAt: answer.Created,
  }
}

/** The engine names a bridge after its network unless told otherwise. */
function bridgeOf({ Driver, Id, Options }: NetworkAnswer): string | undefined {
  if (Driver !== 'bridge') return undefined
  return Options['com.docker.network.bridge.name'] || `br-${Id.slice(0, 12)}`
}

/** Without a parent the engine makes a dummy link, named after the network. */
function parentOf({ Driver, Id, Options }: NetworkAnswer): string | undefined {
  if (Driver === 'macvlan') return Options.parent || `dm-${Id.slice(0, 12)}`
  if (Driver === 'ipvlan') return Options.parent || `di-${Id.slice(0, 12)}`
  return undefined
}
