import { type Function as FunctionNode, type ArrowFunctionExpression, Visitor } from 'oxc-parser';
import { lineOf, parseSource, type SourceFile } from './sources.js';

export const LINE_COLUMNS_MAX = 100;
export const FUNCTION_LINES_MAX = 70;
export const FILE_LINES_MAX = 450;

/** One name from one long path: the formatter cannot break it. */
const UNBREAKABLE_IMPORT = /^(import|export) (type )?\{ [\w$]+ \} from '[^']+';$/;

/** Lines that are wider than half a screen. */
export function wideLines(file: SourceFile): readonly string[] {
  return file.text.split('\n').flatMap((line, index) => {
    const columns = Array.from(line).length;
    return columns > LINE_COLUMNS_MAX && !UNBREAKABLE_IMPORT.test(line)
      ? [`${file.path}:${index + 1} has ${columns} columns, at most ${LINE_COLUMNS_MAX}`]
      : [];
  });
}

/** A file that holds more than one concept should. Tables of scenarios may be long. */
export function longFile(file: SourceFile): readonly string[] {
  const lines = file.text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX && !file.path.endsWith('.scenarios.ts')
    ? [`${file.path} has ${lines} lines, at most ${FILE_LINES_MAX}: split it by concept`]
    : [];
}

/**
 * Functions that do not fit on a screen. The body of a `describe` is a list, not a function, and so
 * is a contract suite: a declaration in a `.contract.ts` file.
 */
export function longFunctions(file: SourceFile): readonly string[] {
  const found: string[] = [];
  const suites = new Set<number>();
  const measure = (node: FunctionNode | ArrowFunctionExpression): void => {
    const first = lineOf(file, node.start);
    const lines = lineOf(file, node.end) - first + 1;
    if (lines > FUNCTION_LINES_MAX && !suites.has(node.start)) {
      const limit = `at most ${FUNCTION_LINES_MAX}`;
      found.push(`${file.path}:${first} is a function of ${lines} lines, ${limit}`);
    }
  };
  new Visitor({
    ...(file.path.endsWith('.contract.ts') ? {} : { FunctionDeclaration: measure }),
    CallExpression(call) {
      if (file.text.startsWith('describe', call.callee.start)) {
        call.arguments.forEach((argument) => suites.add(argument.start));
      }
    },
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(parseSource(file));
  return found;
}
