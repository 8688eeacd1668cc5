import type { PointLayer } from './layer.ts';

const vertexSource = `#version 300 es
in vec2 place;
in vec4 colour;
uniform float scale;
uniform vec2 shift;
uniform vec2 room;
uniform float size;
out vec4 tint;
void main() {
  vec2 at = (place * scale + shift) / room * 2.0 - 1.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
  gl_PointSize = size;
  tint = vec4(colour.rgb * colour.a, colour.a);
}`;
const fragmentSource = `#version 300 es
precision highp float;
in vec4 tint;
uniform float size;
out vec4 shown;
void main() {
  vec2 off = gl_PointCoord - 0.5;
  if (size > 3.0 && dot(off, off) > 0.25) discard;
  shown = tint;
}`;

/** All points in two buffers and one draw call. Null where the browser has no WebGL2. */
export function glLayer(canvas: HTMLCanvasElement, count: number): PointLayer | null {
  const gl = canvas.getContext('webgl2', { antialias: false, depth: false });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexSource],
    [gl.FRAGMENT_SHADER, fragmentSource],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) return null;
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const buffer = (name: string, bytes: number, parts: number, type: number, isNormalised: boolean): WebGLBuffer => {
    const made = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, made);
    gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.DYNAMIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, parts, type, isNormalised, 0, 0);
    return made;
  };
  const places = buffer('place', 8 * count, 2, gl.FLOAT, false);
  const colours = buffer('colour', 4 * count, 4, gl.UNSIGNED_BYTE, true);
  const uniform = Object.fromEntries(
    ['scale', 'shift', 'room', 'size'].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  return {
    most: Infinity,
    put(values, from, to) {
      gl.bindBuffer(gl.ARRAY_BUFFER, places);
      gl.bufferSubData(gl.ARRAY_BUFFER, 8 * from, values, 2 * from, 2 * (to - from));
    },
    paint(values) {
      gl.bindBuffer(gl.ARRAY_BUFFER, colours);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, values);
    },
    draw({ scale, shift, size }, shown) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform1f(uniform['scale']!, scale);
      gl.uniform2f(uniform['shift']!, ...shift);
      gl.uniform2f(uniform['room']!, canvas.width, canvas.height);
      gl.uniform1f(uniform['size']!, size);
      gl.drawArrays(gl.POINTS, 0, shown);
    },
    // Contexts are few: the browser must not wait for the collector.
    dispose: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}
