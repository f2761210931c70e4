using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace MLNetLlm.Trainers.Tests.Training;

public class ScalarTests
{
    private const byte Call = 0x28;

    /// <summary>A number that is converted where it is used can be freed before the operation has read it (see <c>KeptScalar</c>).</summary>
    [Theory]
    [InlineData("MLNetLlm.Models")]
    [InlineData("MLNetLlm.Transforms")]
    [InlineData("MLNetLlm.Trainers")]
    public void Numbers_become_scalars_in_one_place_that_keeps_them(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        var conversions = metadata.MemberReferences.Where(member => IsConversion(metadata, member)).Select(member => MetadataTokens.GetToken(member)).ToHashSet();
        var callers = metadata.MethodDefinitions
            .Where(method => Calls(file, metadata.GetMethodDefinition(method), conversions))
            .Select(method => metadata.GetString(metadata.GetTypeDefinition(metadata.GetMethodDefinition(method).GetDeclaringType()).Name) + "." + metadata.GetString(metadata.GetMethodDefinition(method).Name))
            .Where(caller => !caller.StartsWith("KeptScalar.", StringComparison.Ordinal));

        Assert.Empty(callers);
    }

    private static bool IsConversion(MetadataReader metadata, MemberReferenceHandle handle)
    {
        var member = metadata.GetMemberReference(handle);
        return metadata.GetString(member.Name) == "op_Implicit" && member.Parent.Kind == HandleKind.TypeReference
            && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == "Scalar";
    }

    private static bool Calls(PEReader file, MethodDefinition method, HashSet<int> tokens)
    {
        if (method.RelativeVirtualAddress == 0)
        {
            return false;
        }

        var code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? [];
        return Enumerable.Range(0, Math.Max(0, code.Length - 4))
            .Any(at => code[at] == Call && tokens.Contains(BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at + 1))));
    }
}
