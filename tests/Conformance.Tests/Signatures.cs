using System.Globalization;
using Mono.Cecil;

namespace Conformance.Tests;

/// <summary>Writes parameters, default values and modifiers as the listings do.</summary>
internal static class Signatures
{
    public static string Parameters(MethodDefinition method)
    {
        bool extension = Has(method, "ExtensionAttribute");
        return string.Join(", ", method.Parameters.Select((parameter, index) => (extension && index == 0 ? "this " : "") + Parameter(parameter)));
    }

    public static string Parameter(ParameterDefinition parameter)
    {
        string passing = !parameter.ParameterType.IsByReference ? ""
            : parameter.IsOut ? "out "
            : parameter.IsIn || Has(parameter, "IsReadOnlyAttribute") ? "in "
            : "ref ";
        string variable = Has(parameter, "ParamArrayAttribute") ? "params " : "";
        string missing = parameter.HasConstant ? " = " + Constant(parameter.Constant, parameter.ParameterType)
            : parameter.IsOptional ? " = default"
            : "";
        return $"{passing}{variable}{TypeNames.Of(parameter.ParameterType)} {parameter.Name}{missing}";
    }

    public static string Constant(object? value, TypeReference type)
    {
        switch (value)
        {
            case null:
                return !TypeNames.IsNullable(type) && (type.IsValueType || type is GenericParameter) ? "default" : "null";
            case string text:
                return "\"" + text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t") + "\"";
            case bool flag:
                return flag ? "true" : "false";
            case char character:
                return char.IsControl(character) ? $"'\\u{(int)character:x4}'" : $"'{character}'";
        }

        TypeReference underlying = TypeNames.IsNullable(type) ? ((GenericInstanceType)type).GenericArguments[0] : type;
        if (underlying.Resolve() is { IsEnum: true } enumeration)
        {
            FieldDefinition? field = enumeration.Fields.FirstOrDefault(field => field.IsLiteral && Convert.ToInt64(field.Constant) == Convert.ToInt64(value));
            string name = TypeNames.OfDefinition(enumeration);
            return field is null ? $"({name}){value}" : $"{name}.{field.Name}";
        }

        return value switch
        {
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            long number => number + "L",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    public static string Modifiers(MethodDefinition method)
    {
        if (method.IsStatic)
        {
            return "static ";
        }

        if (method.DeclaringType.IsInterface || !method.IsVirtual)
        {
            return "";
        }

        return (method.IsAbstract, method.IsNewSlot, method.IsFinal) switch
        {
            (true, true, _) => "abstract ",
            (true, false, _) => "abstract override ",
            (false, false, true) => "sealed override ",
            (false, false, false) => "override ",
            (false, true, false) => "virtual ",
            (false, true, true) => "",
        };
    }

    public static bool Has(ICustomAttributeProvider provider, string attribute) =>
        provider.HasCustomAttributes && provider.CustomAttributes.Any(candidate => candidate.AttributeType.Name == attribute);
}
