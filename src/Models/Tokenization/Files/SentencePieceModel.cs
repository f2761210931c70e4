namespace MLNetLlm.Models;

/// <summary>Kinds of pieces, numbered as in the file.</summary>
internal enum SentencePieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece of a SentencePiece model.</summary>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceKind Kind);

/// <summary>What a SentencePiece <c>.model</c> file holds; defaults are those of the format.</summary>
internal sealed record SentencePieceModel
{
    public const int UnigramType = 1;
    public const int BytePairType = 2;

    public List<SentencePiece> Pieces { get; } = [];

    public int Type { get; private set; } = UnigramType;

    public bool ByteFallback { get; private set; }

    public bool TreatsWhitespaceAsSuffix { get; private set; }

    public int UnknownId { get; private set; }

    public int BeginningId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public int PaddingId { get; private set; } = -1;

    public ReadOnlyMemory<byte> CharacterMap { get; private set; }

    public bool AddsPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    public bool EscapesSpaces { get; private set; } = true;

    public static SentencePieceModel Read(TokenizerBytes source)
    {
        SentencePieceModel model = new();
        ProtocolBuffer file = ProtocolBuffer.Of(source);
        while (file.TryRead(out ProtocolBufferField field))
        {
            switch (field.Number)
            {
                case 1:
                    model.Pieces.Add(ReadPiece(source, file.Inside(field), field.Offset));
                    break;
                case 2:
                    model.ReadTrainer(file.Inside(field));
                    break;
                case 3:
                    model.ReadNormalizer(file.Inside(field));
                    break;
            }
        }

        return model.Pieces.Count > 0 ? model : throw source.Damaged(0, "a SentencePiece model should have pieces; this file has none");
    }

    private static SentencePiece ReadPiece(TokenizerBytes source, ProtocolBuffer message, int offset)
    {
        SentencePiece piece = new("", 0, SentencePieceKind.Normal);
        while (message.TryRead(out ProtocolBufferField field))
        {
            piece = field.Number switch
            {
                1 => piece with { Text = field.AsText },
                2 => piece with { Score = field.AsSingle },
                3 => piece with { Kind = (SentencePieceKind)field.AsInt32 },
                _ => piece,
            };
        }

        bool valid = piece.Text.Length > 0 && float.IsFinite(piece.Score) && Enum.IsDefined(piece.Kind);
        return valid ? piece : throw source.Damaged(offset, $"expected a piece with a text, a finite score and a known type; found {piece}");
    }

    private void ReadTrainer(ProtocolBuffer message)
    {
        while (message.TryRead(out ProtocolBufferField field))
        {
            switch (field.Number)
            {
                case 3:
                    Type = field.AsInt32;
                    break;
                case 24:
                    TreatsWhitespaceAsSuffix = field.AsBoolean;
                    break;
                case 35:
                    ByteFallback = field.AsBoolean;
                    break;
                case 40:
                    UnknownId = field.AsInt32;
                    break;
                case 41:
                    BeginningId = field.AsInt32;
                    break;
                case 42:
                    EndId = field.AsInt32;
                    break;
                case 43:
                    PaddingId = field.AsInt32;
                    break;
            }
        }
    }

    private void ReadNormalizer(ProtocolBuffer message)
    {
        while (message.TryRead(out ProtocolBufferField field))
        {
            switch (field.Number)
            {
                case 2:
                    CharacterMap = field.Bytes;
                    break;
                case 3:
                    AddsPrefix = field.AsBoolean;
                    break;
                case 4:
                    RemovesExtraSpaces = field.AsBoolean;
                    break;
                case 5:
                    EscapesSpaces = field.AsBoolean;
                    break;
            }
        }
    }
}
