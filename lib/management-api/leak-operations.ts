import { z } from 'zod';
import { defineOperation } from './operation.ts';

const MAX_REPORTED = 500;

/** GitHub's format, which other scanners may use, too. It may get more fields, so the objects are not strict. */
const reportSchema = z
  .array(
    z.object({
      token: z.string().meta({ description: 'What was found: an API key or an access token.' }),
      url: z
        .string()
        .nullish()
        .meta({ description: 'Where it was found. Credentials, query and fragment are not stored.' }),
      type: z.string().nullish().meta({ description: 'The scanner’s name for this kind of token.' }),
    }),
  )
  .min(1)
  .max(MAX_REPORTED)
  .meta({ id: 'LeakedKeys', description: 'Keys that were found where others can see them.' });

const labelSchema = z
  .strictObject({
    token_hash: z.string().meta({ description: 'SHA-256 of the token, in hexadecimal.' }),
    token_type: z.string().meta({ description: 'The `type` of the report; `stagedoor` if it has none.' }),
    label: z.enum(['true_positive', 'false_positive']).meta({
      description:
        'Whether the token has the form and the checksum of a key. It does not say whether such a key exists.',
    }),
  })
  .meta({ id: 'LeakLabel', description: 'GitHub’s format of feedback.' });

export const reportLeakedKeys = defineOperation({
  id: 'reportLeakedKeys',
  method: 'post',
  path: '/api/v1/leaked-keys',
  scope: null,
  summary: 'Reports leaked API keys and access tokens. Those that work are revoked before the response.',
  description:
    'For secret scanners. Needs no access token. The response does not depend on whether a key exists. With GITHUB_SECRET_SCANNING=1, a signature of GitHub is verified.',
  body: reportSchema,
  maxBodyBytes: 1024 * 1024,
  success: {
    status: 200,
    description: 'A label for each token, in the same order.',
    body: z.array(labelSchema),
  },
  problems: ['invalid_signature'],
});
