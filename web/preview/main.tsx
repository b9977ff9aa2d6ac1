import { connectEngine } from '../src/app/engine-bridge.js';
import { mount } from '../src/app/mount.js';
import { previewEngine } from './preview-engine.js';
import { findScene } from './scenes.js';

const scene = findScene(new URLSearchParams(location.search).get('scene') ?? 'direct');
if (scene.route && location.hash === '') location.hash = scene.route;
const engine = previewEngine(scene);
void connectEngine(mount(engine), engine);
