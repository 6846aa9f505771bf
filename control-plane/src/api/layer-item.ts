import { backendSchema } from '@headgate/shared/model/backend';
import { hostSchema } from '@headgate/shared/model/host';
import { z } from 'zod';
import { layerNames, type LayerName, type MembershipState } from '../membership/membership-state.ts';

const layerNameSchema = z.enum(layerNames);

const ownerShape = {
  layer: layerNameSchema.optional().meta({
    description: 'The document layer that it belongs to, which alone changes it. Absent: operators wrote it.',
  }),
};

/** A backend as it is read. */
export const backendItemSchema = backendSchema
  .extend(ownerShape)
  .meta({ id: 'BackendItem', description: 'A backend as its owner wrote it, without the servers that others bring.' });

/** A host as it is read. */
export const hostItemSchema = hostSchema
  .extend(ownerShape)
  .meta({ id: 'HostItem', description: 'A host as its owner wrote it.' });

const layerSchema = z
  .object({
    name: layerNameSchema,
    backends: z.int().meta({ description: 'How many it holds.' }),
    hosts: z.int().meta({ description: 'How many it holds.' }),
    unsaved: z.boolean().optional().meta({
      description: 'Of posted alone: what it holds was not to be saved, and the next start goes back to what was.',
    }),
  })
  .meta({ id: 'Layer', description: 'A document that is a layer of its own beside what operators write.' });

export const layersSchema = z
  .object({
    version: z.int().meta({ description: 'The newest version, in which data planes get what is shown here.' }),
    items: z.array(layerSchema).meta({ description: 'In the order in which a name that several want is given.' }),
  })
  .meta({ id: 'Layers' });

/** What a layer holds, in numbers. */
export function layerItem(name: LayerName, { layers, shelved }: MembershipState): z.input<typeof layerSchema> {
  const { backends, hosts } = layers[name];
  const numbers = { name, backends: backends.size, hosts: hosts.size };
  return name === 'posted' ? { ...numbers, unsaved: shelved !== undefined } : numbers;
}
