import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiDeps } from './deps.ts';
import type { PageAssets } from './pages/assets.ts';
