using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Jint.Native;
using Jint.Parser.Ast;

namespace Automation.Workflows.Runtime;

/// <summary>Turns what can run away inside one expression into calls of bounded functions: <c>+</c>, <c>+=</c> and regular expressions.</summary>
/// <remarks>The names of those functions hold a character no script can write, so a script can neither replace nor hide them.</remarks>
internal static class JavaScriptRewriter
{
    public const string Add = "\0add";
    public const string AddTo = "\0addTo";
    public const string RegExp = "\0regExp";

    // Running a tree takes a few stack frames a level.
    private const int MaxDepth = 200;
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Parts = new();

    public static Program Rewrite(Program program)
    {
        Children(program, 0);
        return program;
    }

    private static void Children(SyntaxNode node, int depth)
    {
        if (depth > MaxDepth) throw new JavaScriptFailedException($"The script nests more than {MaxDepth} levels deep.");
        foreach (var part in Parts.GetOrAdd(node.GetType(), FieldsOf))
        {
            switch (part.GetValue(node))
            {
                case Property property:
                    Children(property, depth + 1);
                    break;
                case Expression expression:
                    part.SetValue(node, Visit(expression, depth + 1));
                    break;
                case SyntaxNode child:
                    Children(child, depth + 1);
                    break;
                case IEnumerable list when list is not string:
                    VisitList(node, part, list, depth + 1);
                    break;
            }
        }
    }

    private static FieldInfo[] FieldsOf(Type type) => [.. type.GetFields(BindingFlags.Public | BindingFlags.Instance)
        .Where(field => typeof(SyntaxNode).IsAssignableFrom(field.FieldType)
            || (typeof(IEnumerable).IsAssignableFrom(field.FieldType) && field.FieldType.IsGenericType && field.Name is not ("VariableDeclarations" or "FunctionDeclarations" or "Parameters")))];

    private static void VisitList(SyntaxNode node, FieldInfo part, IEnumerable list, int depth)
    {
        var element = part.FieldType.GetGenericArguments()[0];
        if (element == typeof(Expression))
        {
            List<Expression?> items = [.. list.Cast<Expression?>().Select(item => item is null ? null : Visit(item, depth))];
            part.SetValue(node, items);
            return;
        }
        foreach (var item in list)
            if (item is SyntaxNode child) Children(child, depth);
    }

    private static Expression Visit(Expression expression, int depth)
    {
        Children(expression, depth);
        return expression switch
        {
            BinaryExpression { Operator: BinaryOperator.Plus } sum => Call(sum, Add, sum.Left, sum.Right),
            AssignmentExpression { Operator: AssignmentOperator.PlusAssign } sum => Assign(sum),
            Literal { Type: SyntaxNodes.RegularExpressionLiteral } pattern => Call(pattern, RegExp, Text(pattern, Valid(pattern.Raw))),
            Literal literal => Settle(literal),
            CallExpression call => Settle(call),
            _ => expression,
        };
    }

    // A parsed script is shared by all threads. The engine would fill these caches while it runs, one thread into the other's hands.
    private static Literal Settle(Literal literal)
    {
        literal.CachedValue = literal.Value switch
        {
            null => JsValue.Null,
            bool flag => new JsValue(flag),
            double number => new JsValue(number),
            string text => new JsValue(text),
            _ => literal.CachedValue,
        };
        literal.Cached = literal.CachedValue is not null;
        return literal;
    }

    private static CallExpression Settle(CallExpression call)
    {
        call.CanBeCached = false;
        return call;
    }

    /// <exception cref="ArgumentException">No regular expression.</exception>
    private static string Valid(string pattern)
    {
        _ = new System.Text.RegularExpressions.Regex(pattern[1..pattern.LastIndexOf('/')]);
        return pattern;
    }

    private static Expression Assign(AssignmentExpression sum) => sum.Left is MemberExpression member
        ? Call(sum, AddTo, member.Object, member.Computed ? member.Property : Text(member, ((Identifier)member.Property).Name), sum.Right)
        : new AssignmentExpression
        {
            Type = SyntaxNodes.AssignmentExpression,
            Operator = AssignmentOperator.Assign,
            Left = sum.Left,
            Right = Call(sum, Add, sum.Left, sum.Right),
            Location = sum.Location,
            Range = sum.Range,
        };

    private static CallExpression Call(SyntaxNode at, string function, params Expression[] arguments) => Settle(new CallExpression
    {
        Type = SyntaxNodes.CallExpression,
        Callee = new Identifier { Type = SyntaxNodes.Identifier, Name = function, Location = at.Location, Range = at.Range },
        Arguments = [.. arguments],
        Location = at.Location,
        Range = at.Range,
    });

    private static Literal Text(SyntaxNode at, string value) =>
        Settle(new Literal { Type = SyntaxNodes.Literal, Value = value, Raw = value, Location = at.Location, Range = at.Range });
}
