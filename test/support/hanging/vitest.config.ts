import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['*.hanging.ts'], testTimeout: 1000, hookTimeout: 1000 } });
